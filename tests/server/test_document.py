"""The OpenAPI document describes every route."""

from fastapi.routing import APIRoute

from v6sim.server.app import _RESOURCES


async def test_every_route_of_the_api_is_in_the_document(calling) -> None:
    nobody = await calling()
    document = await nobody("GET", "http://localhost/apispec_1.json")
    described = {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method in operations
    }
    routes = {
        (method, "/api" + route.path.replace(":int", ""))
        for module in _RESOURCES
        for route in module.router.routes
        if isinstance(route, APIRoute) and route.include_in_schema
        for method in route.methods or ()
    }
    assert described == routes


async def test_answers_and_bodies_are_described(calling) -> None:
    nobody = await calling()
    document = await nobody("GET", "http://localhost/apispec_1.json")
    make = document["paths"]["/api/task"]["post"]
    assert make["security"] == [{"bearerAuth": []}]
    assert make["requestBody"]["content"]["application/json"]["schema"]["required"] == [
        "collaboration_id", "organizations",
    ]  # fmt: skip
    answer = make["responses"]["201"]["content"]["application/json"]["schema"]
    assert answer == {"$ref": "#/components/schemas/TaskShape"}
    assert "complete" in document["components"]["schemas"]["TaskShape"]["required"]
