"""What came of the calls of a webhook, as its log tells."""
import http.server
import threading

import pytest

from harness import wait_for


class Target(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture()
def target():
    s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Target)
    s.status = 200
    s.url = f"http://127.0.0.1:{s.server_port}/hook"
    threading.Thread(target=s.serve_forever, daemon=True).start()
    yield s
    s.shutdown()
    s.server_close()


@pytest.fixture()
def hook(world, target):
    guid = world.admin.post("/api/webhooks", dict(url=target.url, events=["console"])).json()["guid"]
    yield f"/api/webhooks/{guid}"
    world.admin.call("DELETE", f"/api/webhooks/{guid}")


def log(world, hook, **query):
    return world.admin.get(hook + "/deliveries", **query)["data"]


def test_a_delivery_is_told_with_what_the_target_said(world, target, hook):
    assert log(world, hook) == []
    world.admin.done("POST", hook + "/test")
    row = log(world, hook)[0]
    assert row.pop("at") > 1_700_000_000 and row.pop("ms") >= 0
    assert row == dict(event="0-0", kind="test", result="done", status=200, why="")
    target.status = 410
    world.admin.refused("POST", hook + "/test", says="410")
    assert (log(world, hook)[0]["result"], log(world, hook)[0]["status"]) == ("refused", 410)
    target.status = 503
    world.admin.refused("POST", hook + "/test", says="503")
    assert log(world, hook)[0]["result"] == "silent"
    world.admin.patch(hook, dict(url="http://127.0.0.1:1/"))
    world.admin.refused("POST", hook + "/test")
    row = log(world, hook)[0]
    assert row["status"] == 0 and row["why"] and row["result"] == "silent"


def test_an_event_is_in_the_log_of_the_webhooks_that_wanted_it(world, target, hook):
    wait_for("the cursor", lambda: world.redis.do("EXISTS", "api:webhook:cursor"))
    world.group()
    row = wait_for("the delivery", lambda: [r for r in log(world, hook)
                                            if r["kind"] == "console"], 60)[0]
    assert row["result"] == "done" and "-" in row["event"]


def test_the_last_fifty_deliveries_are_kept_newest_first(world, target, hook):
    for _ in range(52):
        world.admin.done("POST", hook + "/test")
    target.status = 404
    world.admin.refused("POST", hook + "/test")
    rows = [r for r in log(world, hook, pageSize=100)]
    assert len(rows) == 50 and rows[0]["status"] == 404
    assert world.redis.do("TTL", "api:webhook:log:" + hook.split("/")[3]) > 0
    page = world.admin.get(hook + "/deliveries", current=2, pageSize=20)
    assert page["total"] == 50 and len(page["data"]) == 20


def test_the_log_goes_with_its_webhook_and_is_for_administrators(world, target, hook):
    world.admin.done("POST", hook + "/test")
    world.user().refused("GET", hook + "/deliveries", status=403)
    world.admin.done("DELETE", hook)
    assert world.redis.do("EXISTS", "api:webhook:log:" + hook.split("/")[3]) == 0
    world.admin.refused("GET", hook + "/deliveries", status=404)
