"""Runs last: what the whole suite has called (set API_TABLE=write to update
docs/api.md)."""
import os

import pytest

import table
from harness import CALLS, ROOT


@pytest.fixture()
def openapi(world, request):
    files = {item.fspath.basename for item in request.session.items}
    here = {f for f in os.listdir(os.path.dirname(__file__)) if f.startswith("test_")}
    if files != here:
        pytest.skip("needs a run of the whole suite")
    return world.client().get("/api/openapi.json")


def test_every_route_has_been_seen_to_succeed(openapi):
    missing = [f"{m} {p}" for m, p, _, seen in table.rows(openapi, CALLS) if True not in seen]
    assert missing == []


def test_every_route_that_needs_somebody_has_been_seen_to_refuse(openapi):
    missing = [f"{m} {p}" for m, p, op, seen in table.rows(openapi, CALLS)
               if op["x-requires"] != "none" and False not in seen]
    assert missing == []


def test_the_table_in_docs_is_current(openapi):
    path = os.path.join(ROOT, "docs/api.md")
    text = table.render(openapi, CALLS)
    if os.environ.get("API_TABLE") == "write":
        with open(path, "w") as f:
            f.write(text)
    with open(path) as f:
        assert f.read() == text, "run the suite with API_TABLE=write"
