"""Open pages are told what changes: server-sent events."""
import json
import re
import socket
import threading

import pytest

from harness import CALLS, Api, Client, wait_for


class Stream(threading.Thread):
    """Reads a stream in the background; events are (id, name, data). HTTP/1.0, so
    that lines come without the framing of chunks."""

    def __init__(self, api, token, last=None):
        super().__init__(daemon=True)
        self.sock = socket.create_connection(("127.0.0.1", api.port), 90)
        head = f"GET /api/web/events HTTP/1.0\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        head += f"Last-Event-ID: {last}\r\n" if last else ""
        self.sock.sendall(head.encode() + b"\r\n")
        self.lines = self.sock.makefile("rb")
        self.status = int(self.lines.readline().split()[1])
        CALLS.add(("GET", "/api/web/events", False, self.status == 200))
        self.headers = dict(line.decode().strip().split(": ", 1)
                            for line in iter(self.lines.readline, b"\r\n"))
        self.events, self.greeted, self.ended = [], False, False
        self.start()

    def run(self):
        event = {}
        for line in iter(self.read, b""):
            line = line.decode().rstrip()
            self.greeted |= line.startswith("retry: ")
            if line:
                key, _, value = line.partition(": ")
                event[key] = value
            elif "data" in event:
                self.events.append((event["id"], event["event"], json.loads(event["data"])))
                event = {}
        self.ended = True

    def read(self):
        try:
            return self.lines.readline()
        except OSError:
            return b""

    def has(self, **want):
        return any(want.items() <= data.items() for _, _, data in list(self.events))

    def close(self):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.join(20)


@pytest.fixture()
def stream(world):
    made = []

    def open_one(client=None, last=None, api=None):
        wait_for("the index", lambda: world.admin.call("GET", "/api/web/devices").ok)
        s = Stream(api or world.api, (client or world.admin).token, last)
        made.append(s)
        return s

    yield open_one
    for s in made:
        s.close()


def device(world):
    d = world.device()
    return d, dict(kind="device", guid=d.guid, op="save")


def told(world, s, **want):
    wait_for(want, lambda: s.has(**want))


def test_a_page_is_told_what_changed_and_not_how(world, stream):
    s = stream()
    assert s.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert s.headers["X-Accel-Buffering"] == "no"
    d, want = device(world)
    told(world, s, **want)
    world.admin.done("POST", f"/api/devices/{d.guid}/disable")
    world.admin.done("DELETE", f"/api/devices/{d.guid}")
    told(world, s, kind="device", guid=d.guid, op="delete")
    world.settings(alarm_mail=True)
    told(world, s, kind="settings", guid="general")
    assert all(set(data) == {"kind", "guid", "op"} for _, _, data in s.events)


def test_changes_made_through_another_api_are_told(world, stream):
    other = Api(world.redis, data=world.api.dir)
    try:
        c = Client(other.base, world.admin.token)
        wait_for("its index", lambda: c.call("GET", "/api/web/devices").ok)
        s = stream(api=other)
        _, want = device(world)
        told(world, s, **want)
    finally:
        other.stop()
    wait_for("the stream ends with its api", lambda: s.ended)


def test_a_page_that_comes_back_is_told_what_it_missed(world, stream):
    s = stream()
    _, first = device(world)
    told(world, s, **first)
    last = s.events[-1][0]
    s.close()
    _, missed = device(world)
    again = stream(last=last)
    told(world, again, **missed)
    assert not again.has(**first)
    ids = [tuple(map(int, i.split("-"))) for i, _, _ in again.events]
    assert ids == sorted(ids) and ids[0] > tuple(map(int, last.split("-")))


@pytest.mark.parametrize("last", ["1-0", "nonsense", "0-0"])
def test_a_page_that_was_away_too_long_reads_everything_again(world, stream, last):
    device(world)
    api = Api(world.redis, data=world.api.dir)  # it knows only what comes from now on
    try:
        s = stream(last=last, api=api)
        wait_for("reset", lambda: s.events)
        assert s.events[0][1:] == ("reset", {})
    finally:
        api.stop()


def test_a_plain_user_is_told_of_nothing_but_himself(world, stream):
    u = world.user()
    s = stream(u)
    device(world)
    world.admin.post("/api/ab/shared/add", dict(name=world.name("book")))
    wait_for("a book", lambda: s.has(kind="book", guid="", op="save"))
    assert {d["kind"] for _, _, d in s.events} <= {"book", "rule"}


def test_guids_go_to_those_who_may_see_all_of_a_kind(world, stream):
    def holder(kind):
        role = world.admin.post("/api/admin-roles", dict(name=world.name("r"), type=kind,
                                                         perms=["devices.view"])).json()
        u = world.user()
        world.admin.done("PUT", f"/api/users/{u.guid}", dict(admin_roles=[role["guid"]]))
        return u

    # a changed role ends the streams of those who may hold it: both first
    u, v = holder("global"), holder("individual")
    everything, own = stream(u), stream(v)
    d, want = device(world)
    told(world, everything, **want)
    told(world, own, kind="device", guid="")
    assert not own.has(guid=d.guid)


def test_a_stream_ends_when_the_session_or_the_rights_of_its_user_do(world, stream):
    u = world.user()
    s = stream(u)
    u.done("POST", "/api/logout")
    wait_for("signed out", lambda: s.ended)
    v = world.user()
    s = stream(v)
    world.admin.done("POST", f"/api/users/{v.guid}/disable")
    wait_for("disabled", lambda: s.ended)
    assert stream(v).status == 401


def test_all_streams_of_a_session_end_with_it_and_give_their_places_back(world, stream):
    """Whatever else the threads have to look at: the ends do not wait for it."""
    def places():
        return int(re.search(r"^api_connections (\d+)$", world.api.ops_get("/metrics").text, re.M)[1])

    for _ in range(3):
        u = world.user()
        streams = [stream(u) for _ in range(8)]
        wait_for("their beginning", lambda: all(s.greeted for s in streams))
        before = places()
        u.done("POST", "/api/logout")
        wait_for("the ends", lambda: all(s.ended for s in streams))
        # no end is closed here; the log-out may have come on a connection of its own
        wait_for("the places", lambda: places() <= before - 8 + 1)


def test_a_stream_in_chunks_ends_with_the_last_one_and_the_connection_goes_on(world):
    u = world.user()
    ask = f"GET /api/web/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {u.token}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", world.api.port), 20) as s:
        s.sendall(ask.encode())
        lines = s.makefile("rb")
        head = b"".join(iter(lines.readline, b"\r\n"))
        assert b"Transfer-Encoding: chunked" in head
        size = int(lines.readline(), 16)
        assert lines.read(size + 2) == b"retry: 2000\n\n\r\n"
        u.done("POST", "/api/logout")
        rest = b""
        while not rest.endswith(b"\r\n0\r\n\r\n") and rest != b"0\r\n\r\n":
            line = lines.readline()
            assert line, rest
            rest += line
        s.sendall(ask.encode())
        assert lines.readline().startswith(b"HTTP/1.1 401")


def test_a_user_has_a_few_streams_and_a_closed_one_makes_room(world, stream):
    u = world.user()
    all_of_them = [stream(u) for _ in range(8)]
    over = stream(u)
    assert over.status == 429 and over.headers["Retry-After"]
    all_of_them[0].close()

    def again():
        # The server notices when it next has something to say.
        world.admin.post("/api/ab/shared/add", dict(name=world.name("book")))
        s = stream(u)
        return s.status == 200

    wait_for("room", again)


def test_open_pages_hold_no_thread(world, stream):
    """More streams than the api has threads, and it answers."""
    streams = [stream(world.user()) for _ in range(12)]
    _, want = device(world)
    assert world.admin.get("/api/currentUser")["name"] == "admin"
    s = stream()
    _, want = device(world)
    told(world, s, **want)
    assert not any(x.ended for x in streams)


def test_a_page_that_reads_nothing_delays_nobody(world, stream):
    with socket.create_connection(("127.0.0.1", world.api.port), 20) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(f"GET /api/web/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                     f"{world.admin.token}\r\n\r\n".encode())
        s = stream()
        for _ in range(30):
            _, want = device(world)
        told(world, s, **want)


def test_the_stream_refuses_who_is_not_signed_in_and_api_tokens(world):
    world.client().refused("GET", "/api/web/events", status=401)
    world.token(device=2).refused("GET", "/api/web/events", status=403)
