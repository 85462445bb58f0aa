"""The way of a request before its handler: framing, connections, bodies in
flight, descriptors. One address may not take what others need."""
import json
import os
import select
import socket
import time
import types

import pytest
import requests

from harness import Api, Device, Redis, World, wait_for

HEAD = b"POST /api/heartbeat HTTP/1.1\r\nHost: x\r\n"
MIB = 1 << 20


@pytest.fixture(scope="module")
def open_world():
    """Nobody is a trusted proxy: addresses are those of the sockets."""
    w = World(TRUSTED_PROXIES="", MAX_CONNECTIONS="40",
              RECORD_DIR=os.path.dirname(__file__) + "/nowhere")
    yield w
    w.stop()


def connect(world, ip="127.0.0.1", data=b""):
    s = socket.create_connection(("127.0.0.1", world.api.port), 10, (ip, 0))
    s.sendall(data)
    return s


def answer(s, seconds=15):
    """All bytes until the server closes; what came and whether it closed."""
    s.settimeout(seconds)
    out = b""
    try:
        while True:
            data = s.recv(65536)
            if not data:
                return out, True
            out += data
    except TimeoutError:
        return out, False
    except ConnectionResetError:
        return out, True
    finally:
        s.close()


def closed(s):
    s.settimeout(0)
    try:
        return s.recv(1) == b""
    except (BlockingIOError, TimeoutError):
        return False
    except OSError:
        return True


def metric(world, name):
    for line in world.api.ops_get("/metrics").text.splitlines():
        if line.startswith(name + " "):
            return int(line.split()[-1])
    raise AssertionError(f"no metric {name}")


@pytest.mark.parametrize("framing, body", [
    ("Content-Length: 2\r\nContent-Length: 2", b"{}"),
    ("Content-Length: 2\r\nContent-Length: 9", b"{}1234567"),
    ("Content-Length: 2\r\nTransfer-Encoding: chunked", b"2\r\n{}\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\nContent-Length: 2", b"2\r\n{}\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", b"2\r\n{}\r\n0\r\n\r\n"),
    ("Transfer-Encoding: gzip", b"{}"),
    ("Transfer-Encoding: gzip, chunked", b"2\r\n{}\r\n0\r\n\r\n"),
    ("Content-Length: 999999999", b"{}"),
])
def test_a_doubtful_length_gets_one_answer_and_an_end(open_world, framing, body):
    smuggled = b"GET /api/version HTTP/1.1\r\nHost: x\r\n\r\n"
    s = connect(open_world, data=HEAD + framing.encode() + b"\r\n\r\n" + body + smuggled)
    out, ended = answer(s)
    assert ended
    assert out.count(b"HTTP/1.1 ") == 1 and out.startswith(b"HTTP/1.1 4"), out


SMUGGLED = b"GET /api/version HTTP/1.1\r\nHost: x\r\n\r\n"


def refused_once(world, data, pieces=1):
    """One answer, one end: counted in the bytes that come back."""
    s = connect(world)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    step = -(-len(data) // pieces)
    for at in range(0, len(data), step):
        try:
            s.sendall(data[at:at + step])
        except OSError:
            break
    out, ended = answer(s)
    assert ended
    assert out.count(b"HTTP/1.") == 1 and out.startswith(b"HTTP/1.1 4"), out
    assert b'"version"' not in out
    head, _, body = out.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head.split(b"\r\n"), out
    return int(out[9:12])


@pytest.mark.parametrize("pieces", [1, 40])
@pytest.mark.parametrize("length", [b"2x", b"-2", b"+2", b"", b" ", b"2, 2", b"2 2", b"0x2", b"2;",
                                    b"2.0", b"1e3", b"2\t", b"9" * 18, b"9" * 19,
                                    b"18446744073709551616", b"9" * 30])
def test_a_malformed_length_gets_one_answer_and_an_end(open_world, length, pieces):
    refused_once(open_world, HEAD + b"Content-Length: " + length + b"\r\n\r\n{}" + SMUGGLED, pieces)


def test_a_malformed_length_gets_one_answer_with_each_method_and_expectation(open_world):
    for start in (b"GET /api/version HTTP/1.1", b"PUT /api/nowhere HTTP/1.1",
                  b"POST /api/heartbeat HTTP/1.0", b"POST /api/heartbeat?a=b HTTP/1.1\r\nCookie: a=b",
                  b"POST /api/heartbeat HTTP/1.1\r\nExpect: 100-continue"):
        refused_once(open_world, start + b"\r\nHost: x\r\nContent-Length: 2x\r\n\r\n{}")


def test_a_malformed_length_after_sound_requests_gets_one_answer(open_world):
    """Whatever the thread's other connections are at."""
    others = [connect(open_world, f"127.0.0.{40 + i}", HEAD + b"Content-Length: 2\r\nX: ")
              for i in range(8)]
    s = connect(open_world, data=SMUGGLED * 2 + HEAD + b"Content-Length: 2x\r\n\r\n{}" + SMUGGLED)
    out, ended = answer(s)
    assert ended and out.count(b"HTTP/1.1 200") == 2 and out.count(b"HTTP/1.1 4") == 1
    for other in others:
        other.sendall(b"y\r\nConnection: close\r\n\r\n{}")
        out, ended = answer(other)
        assert ended and out.startswith(b"HTTP/1.1 200") and out.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("cookie", [b"a=;" * 600, b"a=;" * 3000, b"a=" + b"b" * 20000],
                         ids=["pairs", "more pairs", "one long"])
def test_more_cookies_than_fit_get_one_answer_and_an_end(open_world, cookie):
    assert refused_once(open_world, HEAD + b"Cookie: " + cookie + b"\r\n\r\n") == 431


@pytest.mark.parametrize("size", ["X: " + "y" * 40000 + "\r\n", "X: y\r\n" * 3000],
                         ids=["one long", "many"])
def test_a_head_that_is_too_large_gets_one_answer_and_an_end(open_world, size):
    assert refused_once(open_world, HEAD + size.encode() + b"\r\n") == 431


@pytest.mark.parametrize("uri", ["a" * 20000, "a" * 40000, "a?b=" + "c" * 20000,
                                 "a?" + "&".join("b" * 33), "a?" + "&".join("b" * 600),
                                 "a?" + "&" * 3000],
                         ids=["path", "longer path", "parameter", "33 parameters",
                              "600 parameters", "empty parameters"])
def test_an_address_that_is_too_long_gets_one_answer_and_an_end(open_world, uri):
    """The library would look at it again and again without an answer."""
    assert refused_once(open_world, f"GET /{uri} HTTP/1.1\r\nHost: x\r\n\r\n".encode()) == 414


def test_the_library_is_never_asked_to_keep_more_parameters_than_it_can(open_world):
    """It refuses once for each that does not fit, and then does not tell that
    the request has ended: what is kept of it would stay for ever."""
    said = "Not enough memory in pool to allocate header"
    before = open_world.api.text().count(said)      # of cookies
    for i in range(20):
        for args in ("&".join("b" * 600), "&" * 3000):
            ask = f"GET /a?{args} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
            assert answer(connect(open_world, f"127.0.0.{20 + i}", ask))[1]
    assert open_world.api.text().count(said) == before


@pytest.mark.parametrize("line", [
    b"GARBAGE", b"GET", b"GET ", b"GET /", b" / HTTP/1.1", b"GET / HTTP/1.1 x", b"GET / HTTP/1.10",
    b"GET / http/1.1", b"GET / HTTP", b"\x16\x03\x01\x02\x00\x01", b"GET /%00 HTTP/1.1"])
@pytest.mark.parametrize("pieces", [1, 9])
def test_what_is_no_request_line_gets_one_answer_and_an_end(open_world, line, pieces):
    assert refused_once(open_world, line + b"\r\nHost: x\r\n\r\n" + SMUGGLED, pieces) == 400


@pytest.mark.parametrize("line", [
    b"Content-Length : 2", b"Transfer-Encoding : chunked", b" Content-Length: 2", b"nothing",
    b"X: y\r\nnothing", b"X Y: z", b"Content-Length:\r\n 2", b"Content-Len: 2\r\n gth",
    b"X: y\r\n\tz", b"X: y\rContent-Length: 2"])
def test_a_header_that_others_read_differently_gets_one_answer_and_an_end(open_world, line):
    refused_once(open_world, HEAD + line + b"\r\n\r\n{}" + SMUGGLED)


@pytest.mark.parametrize("chunks", [
    b"zz\r\n", b"-1\r\n", b"+2\r\n{}\r\n", b"\r\n", b"0x2\r\n{}\r\n", b" 2\r\n{}\r\n",
    b"2 \r\n{}\r\n", b";a\r\n", b"f" * 17 + b"\r\n{}", b"2\r\n{}x0\r\n", b"2\r\n{}\r\n0\r\nnothing\r\n"])
def test_a_malformed_chunk_gets_one_answer_and_an_end(open_world, chunks):
    refused_once(open_world, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"\r\n" + SMUGGLED)


@pytest.mark.parametrize("ask", [
    b"GET /api/version HTTP/1.0\r\n\r\n", b"HEAD /api/version HTTP/1.0\r\n\r\n",
    b"GET /api/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET /api/nowhere HTTP/1.0\r\n\r\n",
    b"GET /api/users?current=1&pageSize=1 HTTP/1.0\r\n\r\n"], ids=["1.0", "head", "close", "404", "lane"])
def test_the_end_of_an_answer_waits_for_nothing_else(open_world, ask):
    """The server is idle otherwise; each thread has an older connection to look at."""
    older = [connect(open_world, f"127.0.0.{60 + i}", SMUGGLED) for i in range(8)]
    for s in older:
        s.settimeout(15)
        assert s.recv(4096).startswith(b"HTTP/1.1 200")
    for i in range(50):
        out, ended = answer(connect(open_world, f"127.0.0.{70 + i}", ask))
        assert ended and out.count(b"HTTP/1.1 ") == 1, (i, out)
    for s in older:
        s.close()


def test_an_endless_body_ends_at_the_cap(open_world):
    s = connect(open_world, data=HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    s.settimeout(0.01)
    got, sent = b"", 0
    try:
        while sent < 64 * MIB and not got:
            s.sendall(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
            sent += 0x4000
            try:
                got = s.recv(4096)
            except TimeoutError:
                pass
    except OSError:
        pass
    s.close()
    assert sent < 64 * MIB
    assert not got or got.startswith(b"HTTP/1.1 413"), got


def test_a_sound_chunked_body_is_read(open_world):
    s = connect(open_world, data=HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")
    out, ended = answer(s)
    assert ended and out.startswith(b"HTTP/1.1 200") and out.endswith(b"{}")


def test_one_address_has_its_share_of_the_connections(open_world):
    held = [connect(open_world, "127.0.0.5", b"POST") for _ in range(30)]
    wait_for("the share", lambda: sum(map(closed, held)) >= 30 - 16)
    assert sum(map(closed, held)) == 30 - 16
    s = connect(open_world, "127.0.0.6", b"GET /api/version HTTP/1.0\r\n\r\n")
    assert answer(s)[0].startswith(b"HTTP/1.1 200")
    for s in held:
        s.close()


def test_the_oldest_connection_without_a_request_goes_first_when_full(open_world):
    wait_for("room", lambda: metric(open_world, "api_connections") == 0)
    first = connect(open_world, "127.0.0.10", b"POST")
    wait_for("it", lambda: metric(open_world, "api_connections") == 1)
    held = [connect(open_world, f"127.0.0.{11 + i // 13}", b"POST") for i in range(39)]
    wait_for("a full house", lambda: metric(open_world, "api_connections") == 40)
    s = connect(open_world, "127.0.0.20", b"GET /api/version HTTP/1.0\r\n\r\n")
    assert answer(s)[0].startswith(b"HTTP/1.1 200")
    wait_for("the oldest goes", lambda: closed(first))
    assert sum(map(closed, held)) <= 1
    for s in [first, *held]:
        s.close()


def test_a_head_has_a_deadline_as_a_whole(open_world):
    s = connect(open_world, "127.0.0.21")
    began = time.monotonic()
    for byte in HEAD * 4:
        try:
            s.sendall(bytes([byte]))
        except OSError:
            break
        if closed(s):
            break
        time.sleep(0.25)
    else:
        raise AssertionError(f"still open after {time.monotonic() - began:.0f} s")
    s.close()


def test_a_large_body_is_taken_only_where_it_is_wanted(open_world):
    length = f"Content-Length: {4 * MIB}\r\nHost: x\r\n\r\n".encode()
    for path, status in (("/api/ab", 401), ("/api/nowhere", 404),
                         ("/api/record?file=../x&type=new", 200)):
        s = connect(open_world, data=f"POST {path} HTTP/1.1\r\n".encode() + length)
        out, _ = answer(s)
        assert out.startswith(f"HTTP/1.1 {status}".encode()), out
        assert b'"error"' in out


def test_recordings_that_are_off_cost_no_memory():
    w = World(TRUSTED_PROXIES="")
    try:
        s = connect(w, data=b"POST /api/record?file=a&type=new HTTP/1.1\r\nHost: x\r\n"
                    b"Content-Length: 8000000\r\n\r\n")
        out, _ = answer(s)
        assert b"Recordings are not kept here" in out
    finally:
        w.stop()


def test_bodies_in_flight_are_capped_for_one_address(open_world):
    device = open_world.device()
    name = f"incoming_{device.id}_20260101123000123_display0_vp9.webm"

    def upload(ip, n):
        open_world.redis.do("SET", f"api:here:{device.guid}:{ip}", "1")
        s = connect(open_world, ip, f"POST /api/record?file={name}&type=part HTTP/1.1\r\n"
                    "Host: x\r\n"
                    f"Content-Length: {8 * MIB}\r\n\r\n".encode())
        try:
            s.sendall(b"x" * n)
        except OSError:
            pass
        return s

    held = [upload("127.0.0.30", 7 * MIB) for _ in range(4)]
    wait_for("the refusal", lambda: metric(open_world, "api_bodies_refused_total") >= 2)
    assert metric(open_world, "api_body_bytes") <= 16 * MIB
    assert sum(map(closed_or_503, held)) >= 2
    # somebody else still has room
    other = upload("127.0.0.31", 1 * MIB)
    assert not closed(other)
    for s in [*held, other]:
        s.close()
    # an end amid a body may only be seen after HTTP_IDLE_S
    wait_for("the memory", lambda: metric(open_world, "api_body_bytes") == 0, 60)


def closed_or_503(s):
    s.settimeout(1)
    try:
        return s.recv(4096).startswith(b"HTTP/1.1 503")
    except TimeoutError:
        return False
    except OSError:
        return True


def test_a_header_does_not_switch_off_the_rate():
    w = World(DEVICE_RATE="5")
    try:
        seen = set()
        for i in range(60):
            r = requests.post(w.api.base + "/api/heartbeat", json={}, timeout=10,
                              headers={"Authorization": f"Bearer {i}"})
            seen.add(r.status_code)
        assert seen == {200, 429}
        # wrong tokens on calls of users are counted as well
        seen = {requests.post(w.api.base + "/api/currentUser", timeout=10,
                              headers={"Authorization": f"Bearer {i}"}).status_code
                for i in range(60)}
        assert seen <= {401, 429} and 429 in seen
        # who has proved who he is is not
        ip = w.client(w.admin.token)
        assert all(ip.call("POST", "/api/currentUser").status_code == 200 for _ in range(60))
    finally:
        w.stop()


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as f:
        parts = f.read().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def test_without_descriptors_the_known_go_on_and_strangers_are_told_or_turned_away():
    """Whenever somebody calls, others have just taken all places there are."""
    redis = Redis()
    api = Api(redis, nofile=60, TRUSTED_PROXIES="", THREADS="4")
    known = Device(types.SimpleNamespace(redis=redis, api=api))
    assert known.sysinfo() == "SYSINFO_UPDATED"
    held, lost, told = [None] * 80, 0, set()
    try:
        for turn in range(20):
            for i, s in enumerate(held):
                if s is None or select.select([s], [], [], 0)[0]:
                    lost += s is not None
                    held[i] = socket.create_connection(
                        ("127.0.0.1", api.port), 20, (f"127.0.1.{i % 8 + 1}", 0))
            assert known.heartbeat() == {}
            try:    # who hears nothing in 20 s fails the test
                with socket.create_connection(("127.0.0.1", api.port), 20,
                                              (f"127.0.2.{turn + 1}", 0)) as s:
                    s.sendall(b"GET /api/devices HTTP/1.0\r\n\r\n")
                    told.add(s.recv(12)[9:])
            except ConnectionError:
                told.add(b"")
        assert lost > 100 and told <= {b"401", b"503", b""}
        for s in held:
            s.close()
        wait_for("all is well", lambda: known.sysinfo(hostname="new") == "SYSINFO_UPDATED")
        assert requests.get(api.base + "/api/devices", timeout=20).status_code == 401
    finally:
        api.stop()
        redis.stop()


def test_without_descriptors_it_waits_and_recovers():
    redis = Redis()
    api = Api(redis, nofile=60, TRUSTED_PROXIES="", THREADS="4")
    held = []
    try:
        for i in range(150):
            try:
                held.append(socket.create_connection(("127.0.0.1", api.port), 0.2,
                                                     (f"127.0.1.{i % 50 + 1}", 0)))
            except OSError:
                break
        before, began = cpu_seconds(api.proc.pid), time.monotonic()
        wait_for("a while", lambda: time.monotonic() - began > 2)
        assert cpu_seconds(api.proc.pid) - before < 1.0
        for s in held:
            s.close()
        wait_for("an answer", lambda: requests.get(
            api.base + "/api/version", timeout=10).status_code == 200)
    finally:
        for s in held:
            s.close()
        api.stop()
        redis.stop()


def test_heartbeats_do_not_wait_behind_listings():
    """One thread answers; the listings read 10 000 rows each."""
    w = World(THREADS="1")
    try:
        script = ("for i = 1, 500 do local g = string.format('0197f3a2-0000-7000-8000-%012d', "
                  "tonumber(ARGV[1]) + i) redis.call('HSET', 'api:audit-alarm', g, ARGV[2]) "
                  "redis.call('ZADD', 'api:audit-alarm:order', 1, g) end")
        row = json.dumps(dict(device="x", typ=1, info="y" * 500, created_at=1))
        for at in range(0, 10000, 500):
            w.redis.do("EVAL", script, 0, at, row)
        ask = ("GET /api/audits/alarm?device=nobody HTTP/1.0\r\n"
               f"Authorization: Bearer {w.admin.token}\r\n\r\n").encode()
        listings = [connect(w, data=ask) for _ in range(4)]
        beat = connect(w, data=HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}")
        assert answer(beat)[0].startswith(b"HTTP/1.1 200")
        assert closed_or_answered(listings) < len(listings)
        for s in listings:
            assert answer(s, 60)[0].startswith(b"HTTP/1.1 200")
    finally:
        w.stop()


def closed_or_answered(sockets):
    return len(select.select(sockets, [], [], 0)[0])


@pytest.mark.parametrize("body", ["null", "{}", "[1]", "not JSON"])
def test_the_body_of_a_get_means_nothing(world, body):
    r = world.admin.call("GET", "/api/device-groups", raw=body)
    assert r.status_code == 200, r.text
