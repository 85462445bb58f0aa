"""The table of docs/api.md: every route of the server, and whether the suite
has seen it succeed and refuse."""
import re


def rows(openapi, calls):
    for path, item in openapi["paths"].items():
        bare, _, condition = path.partition("?")
        pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", re.sub(r"\{\w+\*\}", ".+", bare)) + "$")
        for method, op in item.items():
            method = method.upper()
            seen = {good for m, p, accessible, good in calls
                    if m == method and pattern.match(p) and
                    (not condition or accessible) and
                    (p == bare or not exact(openapi, method, p))}
            yield method, path, op, seen


def exact(openapi, method, path):
    """Is PATH itself a route, so that no pattern gets it?"""
    return method.lower() in openapi["paths"].get(path, {})


def render(openapi, calls):
    out = ["# The HTTP API", "",
           "Every route of the server on port 21114, as `GET /api/openapi.json` describes them in",
           "full. The table is written by the conformance suite (`tests/api`): \"yes\" means that the",
           "suite has seen the route succeed, and refuse or fail where it should. The right is what an",
           "administrator role or an API token needs; `user` is anybody who is signed in.", "",
           "One object answers with an `ETag`; rows of lists have it as `etag` where there is no call for one",
           "(groups, roles, webhooks). Who sends it back as `If-Match` with his change gets 412 if somebody",
           "else was faster; without `If-Match` the last change wins.", "",
           "| method | path | right | what | succeeds | refuses |", "|---|---|---|---|---|---|"]
    for method, path, op, seen in rows(openapi, calls):
        out.append(f"| {method} | `{path}` | {op['x-requires']} | {op['summary']} | "
                   f"{'yes' if True in seen else 'no'} | {'yes' if False in seen else '-'} |")
    return "\n".join(out) + "\n"
