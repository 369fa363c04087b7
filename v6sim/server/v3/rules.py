"""Rules (reference: server-api, section 3.3)."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from sqlmodel import col, select

from v6sim.server.operations import rules
from v6sim.server.operations.call import Call
from v6sim.server.store.tables import RoleRule, Rule
from v6sim.server.v3 import docs, filters
from v6sim.server.v3.answers import Json
from v6sim.server.v3.kept import KeptRoute
from v6sim.server.v3.links import View
from v6sim.server.v3.paging import answer_list
from v6sim.server.v3.requests import Key, asks
from v6sim.server.v3.shapes.rules import RuleShape, rule_shapes

router = APIRouter(prefix="/rule", tags=["rule"], route_class=KeptRoute)

FILTERS = {
    "name": filters.equal(Rule.resource),
    "operation": filters.equal(Rule.operation),
    "scope": filters.equal(Rule.scope),
    "role_id": filters.within(
        Rule.id, lambda key: select(RoleRule.rule_id).where(RoleRule.role_id == key)
    ),
}


@router.get("", **docs.listing(RuleShape, FILTERS))
async def list_rules(call: Annotated[Call, asks("rule.view")], request: Request) -> Response:
    """All rules."""
    statement = filters.apply(rules.visible(call), request, FILTERS)
    return answer_list(call, request, statement.order_by(col(Rule.id)), rule_shapes)


@router.get("/{key:int}", **docs.route(RuleShape))
async def get_rule(call: Annotated[Call, asks("rule.view")], key: Key) -> Response:
    """One rule."""
    return Json(rule_shapes(View(call), [rules.view(call, key)])[0])
