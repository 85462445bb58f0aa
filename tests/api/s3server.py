"""A storage that speaks S3, and uploads of recordings as clients make them."""
import hashlib
import hmac
import http.server
import threading
import types
import urllib.parse

import pytest

from harness import Device

KEY, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI", "eu-test-1"


def known(redis, api, **kw):
    """A device in the inventory, seen at the address of this machine."""
    d = Device(types.SimpleNamespace(redis=redis, api=api), **kw)
    assert d.sysinfo() == "SYSINFO_UPDATED"
    d.heartbeat()
    return d


def file_of(device, n=0):
    """As clients name it."""
    return f"incoming_{device.id}_202601011230{n:02}123_display0_vp9.webm"


def call(c, raw=b"", **query):
    """One call of an upload; what the server has against it."""
    r = c.call("POST", "/api/record", raw=raw, status=200, **query)
    return r.json()["error"] if r.content else ""


def part(c, name, offset, raw):
    return call(c, raw, type="part", file=name, offset=offset, length=len(raw))


def tail(c, name, raw):
    return call(c, raw, type="tail", file=name, offset=0, length=len(raw))


def upload(c, name, data):
    assert call(c, type="new", file=name) == ""
    assert part(c, name, 0, data) == ""
    assert tail(c, name, b"HEAD") == ""


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

    def do_GET(self):
        """Waits for `gate` before its head, for `flow` after each 64 KiB; breaks off at `cut`."""
        s = self.server
        s.asked.append((self.path, self.headers.get("Range")))
        if not self._authentic():
            return self._answer(403)
        s.gate.wait(60)
        if s.broken:
            s.broken -= 1
            return self._answer(503)
        body = s.objects.get(self.path)
        if body is None:
            return self._answer(404)
        status, first, last = 200, 0, len(body) - 1
        if self.headers.get("Range") and not s.rangeless:
            first, last = map(int, self.headers["Range"].removeprefix("bytes=").split("-"))
            status = 206
        self.send_response(status)
        self.send_header("Content-Length", str(last - first + 1))
        if status == 206:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(body)}")
        self.end_headers()
        try:
            self._flow(memoryview(body)[first:last + 1])
        except OSError:
            pass  # the reader has gone
        finally:
            s.ended.set()

    def _flow(self, body):
        s = self.server
        for at in range(0, len(body), 65536):
            if at > 0:
                s.flow.wait(60)
            if s.cut is not None and at >= s.cut:
                self.close_connection = True
                return
            self.wfile.write(body[at:at + 65536])
            s.sent = at + 65536

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
    s.objects, s.broken, s.cut, s.sent, s.rangeless, s.asked = {}, 0, None, 0, False, []
    s.gate, s.flow, s.ended = threading.Event(), threading.Event(), threading.Event()
    s.gate.set()
    s.flow.set()
    threading.Thread(target=s.serve_forever, daemon=True).start()
    yield s
    s.gate.set()
    s.flow.set()
    s.shutdown()
    s.server_close()
