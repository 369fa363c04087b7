"""Who may do what with the algorithm."""

from v6sim.testing import assert_called, assert_matrix


def test_researchers_send_tasks_and_viewers_look_at_them(sandbox, image):
    task = {
        "name": "average",
        "image": image,
        "collaboration_id": 1,
        "organizations": [{"id": 2, "input": ""}],
    }
    assert sandbox.may("rosa", "POST", "/task", task)
    refused = sandbox.may("vera", "POST", "/task", task)
    assert not refused, refused.why
    assert refused.smallest_role == "Researcher"
    sandbox.run(image, "average", kwargs={"column": "age"}, user="rosa")
    assert_matrix(sandbox, {("vera", "GET", "/task/1"): True, ("vera", "DELETE", "/task/1"): False})


def test_the_master_asks_once_and_only_for_what_it_needs(sandbox, image):
    sandbox.run(image, "average", kwargs={"column": "age"})
    assert_called(sandbox, "/task", method="POST", by="container", times=1)
    asked = {str(request).split(" by ")[0] for request in sandbox.journal.requests(by="container")}
    assert not [each for each in asked if each.startswith(("DELETE", "PATCH"))]
