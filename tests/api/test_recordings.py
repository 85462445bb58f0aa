"""Uploaded recordings: on disk, and in S3-compatible storage."""
import hashlib
import hmac
import http.server
import os
import threading
import urllib.parse

import pytest

from harness import Api, Client, Redis, wait_for

KEY, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI", "eu-test-1"


def test_recordings_in_the_documented_call_sequence(tmp_path):
    redis = Redis()
    folder = tmp_path / "rec"
    folder.mkdir()
    api = Api(redis, RECORD_DIR=str(folder), RECORD_QUOTA="1m")
    c = Client(api.base)

    def send(raw=b"", **query):
        r = c.call("POST", "/api/record", raw=raw, status=200, **query)
        return r.json()["error"] if r.content else ""

    f = "incoming_1_20260101.webm"
    assert send(type="new", file=f) == ""
    assert send(b"head" + b"a" * 996, type="part", file=f, offset=0, length=1000) == ""
    assert send(b"b" * 500, type="part", file=f, offset=1000, length=500) == ""
    assert send(b"HEAD", type="tail", file=f, offset=0, length=4) == ""
    assert (folder / f).read_bytes() == b"HEAD" + b"a" * 996 + b"b" * 500
    for bad in ("../x", "/etc/x", ".hidden", "a/b", "", "x" * 200, "a%00b"):
        assert send(type="new", file=bad)
    assert send(b"x", type="part", file="absent", offset=0, length=1)
    assert send(b"x", type="part", file=f, offset=999999, length=1)
    assert send(b"x", type="part", file=f, offset=-1, length=1)
    assert send(b"xx", type="part", file=f, offset=0, length=1)
    assert "quota" in send(b"x" * (1 << 20), type="part", file=f, offset=1500, length=1 << 20)
    assert send(type="remove", file=f) == "" and not (folder / f).exists()
    os.symlink("/etc/passwd", folder / "link")
    assert send(b"x", type="part", file="link", offset=0, length=1)
    api.stop()
    redis.stop()


def test_recordings_are_refused_without_a_folder(world):
    r = world.client().call("POST", "/api/record", raw=b"", status=200, type="new", file="x")
    assert "error" in r.json()


# --- S3 --------------------------------------------------------------------

def signature(method, path, headers, signed, when, payload):
    """Signature version 4, from its specification."""
    date = when[:8]
    scope = f"{date}/{REGION}/s3/aws4_request"
    canonical = "\n".join([
        method, urllib.parse.quote(path), "",
        "".join(f"{h}:{headers[h].strip()}\n" for h in signed),
        ";".join(signed), payload])
    text = "\n".join(["AWS4-HMAC-SHA256", when, scope,
                      hashlib.sha256(canonical.encode()).hexdigest()])
    key = b"AWS4" + SECRET.encode()
    for part in (date, REGION, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


class Storage(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def _authentic(self):
        kind, _, rest = self.headers["Authorization"].partition(" ")
        fields = dict(f.strip().split("=", 1) for f in rest.split(","))
        headers = {k.lower(): v for k, v in self.headers.items()}
        payload = headers.get("x-amz-content-sha256",
                              hashlib.sha256(b"").hexdigest())
        want = signature(self.command, self.path, headers,
                         fields["SignedHeaders"].split(";"),
                         headers["x-amz-date"], payload)
        return (kind == "AWS4-HMAC-SHA256" and fields["Signature"] == want
                and fields["Credential"].startswith(KEY + "/"))

    def _answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self._authentic():
            return self._answer(403)
        if self.server.broken:
            self.server.broken -= 1
            return self._answer(503)
        self.server.objects[self.path] = body
        self._answer(200)

    def do_DELETE(self):
        if not self._authentic():
            return self._answer(403)
        self._answer(204 if self.server.objects.pop(self.path, None)
                     is not None else 404)


@pytest.fixture()
def storage():
    s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Storage)
    s.objects, s.broken = {}, 0
    threading.Thread(target=s.serve_forever, daemon=True).start()
    yield s
    s.shutdown()
    s.server_close()


@pytest.fixture()
def recorder(tmp_path, storage):
    redis = Redis()
    apis = []

    def start(**more):
        apis.append(Api(redis, RECORD_DIR=str(tmp_path), RECORD_QUOTA="1m",
                        RECORD_S3_URL=f"http://127.0.0.1:{storage.server_port}/bucket",
                        RECORD_S3_REGION=REGION, RECORD_S3_KEY=KEY,
                        RECORD_S3_SECRET=SECRET, **more))
        return Client(apis[-1].base)
    yield start, redis, tmp_path
    for api in apis:
        api.stop()
    redis.stop()


def upload(c, name, data):
    for raw, query in ((b"", dict(type="new")),
                       (data, dict(type="part", offset=0, length=len(data))),
                       (b"HEAD", dict(type="tail", offset=0, length=4))):
        r = c.call("POST", "/api/record", raw=raw, status=200, file=name, **query)
        assert not r.content, r.text


def test_a_finished_recording_moves_to_s3_and_can_be_removed(recorder, storage):
    start, redis, folder = recorder
    c = start()
    data = os.urandom(300_000)
    upload(c, "one.webm", data)
    wait_for("the object", lambda: "/bucket/one.webm" in storage.objects, 20)
    assert storage.objects["/bucket/one.webm"] == b"HEAD" + data[4:]
    wait_for("the note", lambda: int(redis.do("GET", "api:recordings:bytes") or 0) == 300000)
    wait_for("the folder", lambda: not os.listdir(folder))
    c.call("POST", "/api/record", raw=b"", status=200, type="remove", file="one.webm")
    wait_for("the removal", lambda: storage.objects == {}, 20)
    wait_for("the note", lambda: int(redis.do("GET", "api:recordings:bytes")) == 0)


def test_what_is_in_s3_counts_against_the_quota(recorder, storage):
    start, _, _ = recorder
    c = start()
    upload(c, "big.webm", bytes(900_000))
    wait_for("the object", lambda: storage.objects, 20)
    r = c.call("POST", "/api/record", raw=b"", status=200, type="new", file="next.webm")
    assert not r.content
    wait_for("the quota", lambda: "quota" in c.call(
        "POST", "/api/record", raw=bytes(200_000), status=200, type="part",
        file="next.webm", offset=0, length=200_000).text, 20)


def test_a_recording_waits_while_the_storage_is_away(recorder, storage):
    start, _, folder = recorder
    storage.broken = 1
    c = start()
    upload(c, "late.webm", b"x" * 1000)
    wait_for("the failed try", lambda: storage.broken == 0, 20)
    wait_for("its return", lambda: ".ready.late.webm" in os.listdir(folder))
    # a restart tries at once, and a claim of a dead sender is taken over
    os.rename(folder / ".ready.late.webm", folder / ".sending.late.webm")
    os.utime(folder / ".sending.late.webm", (1, 1))
    start()
    wait_for("the object", lambda: "/bucket/late.webm" in storage.objects, 20)


def test_old_recordings_leave_s3(recorder, storage):
    start, redis, _ = recorder
    c = start()
    upload(c, "old.webm", b"y" * 100)
    wait_for("the object", lambda: storage.objects, 20)
    wait_for("the note", lambda: redis.do("ZCARD", "api:recordings:order") == 1)
    redis.do("ZADD", "api:recordings:order", "1", "old.webm")
    redis.do("DEL", "api:purge:hour")
    wait_for("the purge", lambda: not storage.objects, 20)
    assert redis.do("HLEN", "api:recordings") == 0


def test_a_wrong_secret_is_told_in_the_log_and_loses_nothing(tmp_path, storage):
    redis = Redis()
    api = Api(redis, RECORD_DIR=str(tmp_path), RECORD_S3_REGION=REGION,
              RECORD_S3_URL=f"http://127.0.0.1:{storage.server_port}/bucket",
              RECORD_S3_KEY=KEY, RECORD_S3_SECRET="not the secret")
    upload(Client(api.base), "kept.webm", b"z" * 10)
    wait_for("the warning", lambda: "recording_not_sent" in api.text(), 20)
    assert "not the secret" not in api.text()
    wait_for("its return", lambda: os.listdir(tmp_path) == [".ready.kept.webm"])
    assert storage.objects == {}
    api.stop()
    redis.stop()
