"""What the inspector costs those who do not look at it, and those who look at much."""

import subprocess
import sys
import time

from sqlmodel import Session

from v6sim.server.store.tables import Run, Task


def test_it_is_not_loaded_before_somebody_looks() -> None:
    code = (
        "import sys; from v6sim.sandbox import Sandbox\n"
        "with Sandbox('manual', with_nodes=False): pass\n"
        "assert 'v6sim.inspector' in sys.modules\n"
        "assert not {'jinja2', 'v6sim.inspector.gate'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


async def test_a_large_tree_is_shown_soon_and_in_part(visiting, server) -> None:
    with Session(server.core.store.engine) as session:
        session.add(Task(id=1, name="large", collaboration_id=1, initiator_id=2, job_id=None))
        session.flush()
        for key in range(2, 402):
            session.add(Task(id=key, parent_id=1, collaboration_id=1, initiator_id=2))
            session.flush()
            for organization in (2, 3, 4):
                run = Run(task_id=key, organization_id=organization, status="completed")
                run.result = "x" * 10_000
                session.add(run)
        session.commit()
    visit = await visiting("root")
    await visit.get("/ui/tasks/1")
    begun = time.perf_counter()
    text = await visit.read("/ui/tasks/1")
    assert time.perf_counter() - begun < 5
    assert "The first of 400 tasks below this one" in text
    assert text.count("task ") < 150
    assert "#401" in await visit.read("/ui/tasks")
