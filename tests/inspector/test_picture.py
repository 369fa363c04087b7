"""The picture of a federation: everything has room."""

from itertools import combinations

import pytest

from v6sim.inspector.picture import NodeMark, OrganizationMark, draw


def organizations(count: int, nodes: int = 1) -> list[OrganizationMark]:
    return [
        OrganizationMark(
            key, f"organization {key}", [NodeMark(n, "", n, "online") for n in range(nodes)], [7]
        )
        for key in range(count)
    ]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8, 13, 40])
@pytest.mark.parametrize("nodes", [0, 1, 4])
def test_no_card_covers_another_or_the_server(count, nodes) -> None:
    picture = draw(organizations(count, nodes))
    boxes = [(c.x, c.y, c.x + c.width, c.y + c.mark.height) for c in picture.cards]
    for a, b in combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
    x, y = picture.hub
    for left, top, right, bottom in boxes:
        assert 0 <= left < right <= picture.width
        assert 0 <= top < bottom <= picture.height
        nearest = (min(max(x, left), right) - x, min(max(y, top), bottom) - y)
        assert nearest[0] ** 2 + nearest[1] ** 2 > picture.radius**2


def test_every_node_has_its_line_and_what_is_asked_has_one_too() -> None:
    picture = draw(organizations(3, 2))
    assert len(picture.links) == 9
    assert [link.text for link in picture.links if link.node is None] == ["asks: task 7"] * 3


@pytest.mark.parametrize(
    ("node", "flow", "text", "label"),
    [
        (NodeMark(1, "", 0, "online"), "", "", "online"),
        (NodeMark(1, "", 0, "busy", tasks=[3]), "work", "", "busy: task 3"),
        (NodeMark(1, "", 0, "busy", tasks=[3, 4]), "work", "", "busy: task 4 +1"),
        (NodeMark(1, "", 0, "online", waiting=[5]), "down", "task 5", "online"),
        (NodeMark(1, "", 0, "offline", waiting=[5]), "held", "task 5", "offline"),
        (NodeMark(1, "", 0, "online", reports=[6]), "up", "result of task 6", "online"),
    ],
)
def test_what_flows_is_said_in_words(node, flow, text, label) -> None:
    assert (node.flow, node.flow_text, node.label) == (flow, text, label)


def test_a_federation_without_organizations_is_drawn_too() -> None:
    assert draw([]).cards == []
