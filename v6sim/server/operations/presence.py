"""Who is there: what sockets tell about users and nodes."""

from sqlmodel import Session

from v6sim.server.store.find import look
from v6sim.server.store.tables import Identity, Run, Task


def set_status(session: Session, identity_id: int, *, is_online: bool) -> None:
    """Note that a user or node is connected, or no longer is."""
    status = "online" if is_online else "offline"
    identity = look(session, Identity, identity_id)
    if identity is not None and identity.status != status:
        identity.status = status
        session.add(identity)
        session.commit()


def job_of_run(session: Session, run_id: object) -> int | None:
    """The job that a run belongs to."""
    run = look(session, Run, run_id)
    task = look(session, Task, run.task_id) if run else None
    return task.job_id if task else None
