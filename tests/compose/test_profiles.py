"""The profiles of the sandbox in Docker."""

from pathlib import Path

import httpx
import pytest

from tests.compose.postgres import postgres_image
from tests.compose.stack import Stack, free_port
from tests.images import engine, python_image

pytestmark = pytest.mark.xdist_group("compose")


@pytest.mark.parametrize("built", ["v2"], indirect=True)
def test_profiles_put_postgresql_under_it_and_the_web_interface_before_it(
    built: Stack, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "ui").mkdir()
    (tmp_path / "ui" / "Dockerfile").write_text(
        f"FROM {python_image()}\nCMD mkdir /ui && echo $SERVER_URL$API_PATH >/ui/index.html && "
        "exec python -m http.server 80 --directory /ui\n"
    )
    (tmp_path / "postgres").mkdir()
    ui = f"{built.project}/ui"
    engine().images.build(path=str(tmp_path / "ui"), tag=ui, rm=True)
    with postgres_image(tmp_path / "postgres") as postgres:
        given = {
            "V6SIM_IMAGES": built.project,
            "V6SIM_AVERAGE": f"{built.project}/average",
            "V6SIM_POSTGRES_IMAGE": postgres,
            "V6SIM_UI_IMAGE": ui,
            "V6SIM_UI_PORT": str(free_port()),
        }
        stack = Stack(folder, "v2", {**given, "COMPOSE_PROFILES": "postgres,ui"})
        try:
            assert "{'average': 53.25}" in stack.sandbox()
            query = ("psql", "-U", "v6sim", "-h", "/var/run/postgresql", "-Atc")
            counted = stack("exec", "-T", "postgres", *query, "select count(*) from task")
            assert counted.strip() == "3"
            page = httpx.get(f"http://127.0.0.1:{given['V6SIM_UI_PORT']}/", trust_env=False)
            assert page.text.strip() == stack.api
        finally:
            stack.sandbox("down")
        assert stack.left() == {"containers": [], "volumes": [], "networks": []}
        unheard = Stack(folder, "v2", given)
        words = ("--profile", "postgres", "run", "--rm", "postgres")
        assert "say COMPOSE_PROFILES=postgres" in unheard(*words, check=False)
        unheard.sandbox("down")
    engine().images.remove(ui, force=True)
