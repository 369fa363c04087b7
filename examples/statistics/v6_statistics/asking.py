"""How masters ask the organizations."""

import time

POLL_SECONDS = 1


def ask_all(client, method, **kwargs):
    """Run a method at all organizations of the collaboration, and wait for what they give.

    Args:
        client: the vantage6 client that the wrapper hands to master methods.
        method: what to run, without its prefix RPC_.
        kwargs: its arguments.

    Returns:
        What each organization gave.

    Raises:
        RuntimeError: one of them gave nothing: a figure over the others would be another figure.
    """
    ids = [organization["id"] for organization in client.get_organizations_in_my_collaboration()]
    task = client.create_new_task(input_={"method": method, "kwargs": kwargs}, organization_ids=ids)
    while not client.get_task(task["id"])["complete"]:
        time.sleep(POLL_SECONDS)
    parts = client.get_results(task_id=task["id"])
    if len(parts) < len(ids):
        raise RuntimeError(f"only {len(parts)} of {len(ids)} organizations gave their part")
    return parts
