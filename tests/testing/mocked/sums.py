"""An algorithm for the suites beside it, as they were published for vantage6 3.x."""

import time


def master(client, data, column):
    """Sum up a column over all organizations."""
    ids = [organization["id"] for organization in client.get_organizations_in_my_collaboration()]
    task = client.create_new_task(input_={"method": "sum", "args": [column]}, organization_ids=ids)
    while not client.get_task(task["id"])["complete"]:
        time.sleep(1)
    return {"sum": sum(client.get_results(task_id=task["id"])), "own": int(data[column].sum())}


def chosen(client, data, column, org_ids=None):
    """Sum up a column over organizations that the caller names by their ids."""
    task = client.create_new_task(
        input_={"method": "sum", "kwargs": {"column": column}}, organization_ids=org_ids
    )
    while not client.get_task(task.get("id"))["complete"]:
        time.sleep(1)
    known = [organization["id"] for organization in client.get_organizations_in_my_collaboration()]
    return {"parts": client.get_results(task.get("id")), "known": known}


def newer_chosen(client, data, column, org_ids):
    """The same with the client of 3.8 and later, and where it runs."""
    task = client.task.create(
        {"method": "sum", "kwargs": {"column": column}}, organization_ids=org_ids
    )
    while not client.task.get(task["id"])["complete"]:
        time.sleep(1)
    return {
        "parts": client.result.get(task["id"]),
        "known": [organization["id"] for organization in client.organization.list()],
        "here": [client.organization_id, client.host_node_id, client.node.get()["id"]],
        "own": client.organization.get(client.organization_id)["name"],
    }


def newer(client, data, column):
    """The same with the client of 3.8 and later."""
    ids = [organization["id"] for organization in client.organization.list()]
    task = client.task.create(
        input_={"method": "sum", "kwargs": {"column": column}}, organization_ids=ids, name="part"
    )
    while not client.task.get(task["id"])["complete"]:
        time.sleep(1)
    parts = client.result.get(task["id"])
    own = client.organization.get(client.organization_id)
    return {"parts": parts, "name": own["name"], "collaboration": client.collaboration.get()["id"]}


def RPC_sum(data, column):
    return int(data[column].sum())


def RPC_table(data):
    return data


def RPC_nothing(data):
    return None


def RPC_fail(data):
    raise KeyError("there is no such thing")
