"""The form by which the UI makes tasks, and how it reads their results."""

import base64
import json
from typing import Any

from tests.ui.browser import Browser
from tests.ui.live import Live
from tests.ui.shown import show, show_all

IMAGE = "harbor2.vantage6.ai/demo/average"
MASTER = {"master": True, "method": "master", "output_format": "json"}
PARTIAL = {"master": False, "method": "average_partial", "output_format": "json"}
ARGUMENTS = {"kwargs": {"column_name": "age"}}


def task_form(input_: dict[str, Any], *organizations: int) -> dict[str, Any]:
    """What the form sends; all arguments are texts, and `input` is there twice."""
    text = base64.b64encode(b"json." + json.dumps(input_).encode()).decode()
    return {
        "name": "average", "description": "of ages", "image": IMAGE, "collaboration_id": 1,
        "database": "default", "input": input_,
        "organizations": [{"id": key, "input": text} for key in organizations],
    }  # fmt: skip


def shown_result(row: Any) -> Any:
    """What the page shows of a result: JSON, or else it only offers a download."""
    text = base64.b64decode(row["result"]).decode()
    assert text.startswith("json.")
    return json.loads(text.removeprefix("json."))


async def finished(browser: Browser, live: Live, task_id: int) -> list[Any]:
    """The results of a task, once the UI has heard that all of them are there."""
    rows = show_all("result", await browser.get(f"task/{task_id}/result"))
    for row in rows:
        heard = {"status": "completed", "result_id": row["id"], "task_id": task_id}
        await live.hears("algorithm_status_change", **heard)
        show("task", await browser.get(f"task/{task_id}"))  # as on each such event
    return [show("result", await browser.get(f"result/{row['id']}")) for row in rows]
