"""Takes pictures of the inspector, light and dark: `make screenshots`."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser

from tests.inspector.browser.looker import AVERAGE, Looker, browsing
from v6sim import Sandbox

HERE = Path(__file__).parent
PICTURES = HERE.parent.parent / "docs" / "pictures"
SLOW = """
import pathlib, time

def master(client, data, gate, column):
    print("asking all organizations", flush=True)
    ids = [row["id"] for row in client.get_organizations_in_my_collaboration()]
    given = {"method": "part", "kwargs": {"gate": gate, "column": column}}
    task = client.create_new_task(given, ids)
    while not client.get_task(task["id"])["complete"]:
        time.sleep(0.05)
    return {"parts": len(client.get_results(task_id=task["id"]))}

def RPC_part(data, gate, column):
    for row in range(len(data)):
        print(f"row {row + 1} of {len(data)}: {column} is looked at", flush=True)
    while not pathlib.Path(gate).exists():
        time.sleep(0.05)
    return {"sum": int(data[column].sum()), "count": len(data)}

def RPC_broken(data):
    return data["weight"].mean()
"""
PAGES = {
    "federation": "/", "tasks": "/ui/tasks", "task": "/ui/tasks/1", "task-live": "/ui/tasks/5",
    "run": "/ui/runs/1", "run-live": "/ui/runs/{live}", "run-crashed": "/ui/runs/{crashed}",
    "egress": "/ui/egress", "people": "/ui/people", "what-if": "/ui/what-if",
    "journal": "/ui/journal", "outbox": "/ui/outbox", "controls": "/ui/controls",
}  # fmt: skip


def main() -> None:
    """Bring up a federation at work, and take the pictures."""
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, browsing() as browser:
        package, gate = Path(folder) / "survival.py", Path(folder) / "gate"
        package.write_text(SLOW)
        with Sandbox(HERE / "hospitals.yaml") as box:
            ids = _work(box, package, gate)
            for scheme in ("light", "dark"):
                _take(browser, box, scheme, ids)
            gate.touch()


def _work(box: Sandbox, package: Path, gate: Path) -> dict[str, int]:
    """Tasks that have ended, well and badly, and one that has not."""
    options: dict[str, Any] = {"user": "nora", "collaboration": "Survival after surgery"}
    box.run(AVERAGE, "master", kwargs={"column_name": "age"}, **options)
    crashed = box.run(package, "broken", check=False, **options)
    box.run(
        AVERAGE, "average_partial", kwargs={"column_name": "months"}, user="nora",
        collaboration="Rare diseases",
    )  # fmt: skip
    with box.http("greta") as greta:
        greta.delete("/role/1")
    with box.http("root") as root:
        root.post("/recover/lost", json={"username": "carl"})
    box.submit(package, "master", kwargs={"gate": str(gate), "column": "months"}, **options)
    with box.http("root") as root:
        while True:
            runs = root.get("/result", params={"per_page": 100}).json()
            running = [run["id"] for run in runs if run["status"] == "active"]
            if len(running) > 1:
                return {"crashed": crashed.task.runs[0].id, "live": running[-1]}


def _take(browser: Browser, box: Sandbox, scheme: str, ids: dict[str, int]) -> None:
    looker = Looker(browser, box.url, color_scheme=scheme)
    page = looker.go("/ui/login")
    page.screenshot(path=PICTURES / f"login-{scheme}.png")
    looker.log_in("root", "root")
    for name, path in PAGES.items():
        page = looker.go(path.format(**ids))
        if page.locator("#egress").count():
            page.locator("#egress summary, #egress .empty").first.wait_for()
        if name == "what-if":
            page.get_by_role("combobox", name="User").select_option("greta")
            page.get_by_label("Method").select_option("DELETE")
            page.get_by_label("Path").fill("/user/2")
            page.get_by_label("Path").press("Enter")
            page.get_by_text("smallest role").first.wait_for()
        page.screenshot(path=PICTURES / f"{name}-{scheme}.png", full_page=True)
    looker.context.close()


if __name__ == "__main__":
    main()
