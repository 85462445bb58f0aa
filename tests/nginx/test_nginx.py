"""nginx/start and its configuration, without containers."""

import contextlib
import http.client
import http.server
import json
import os
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 15


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Dns(threading.Thread):
    """Answers as a cluster's does: full names alone, NXDOMAIN else."""

    def __init__(self, names):
        super().__init__(daemon=True)
        self.names = names
        self.texts = {}         # name -> what TXT says
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]
        self.start()

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                query, peer = self.sock.recvfrom(512)
                self.sock.sendto(self.answer(query), peer)

    def answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        question, (kind,) = query[12:at + 5], struct.unpack(
            ">H", query[at + 1:at + 3])
        name = ".".join(labels).lower()
        known = name in self.names or name in self.texts
        data = b""
        if known and kind == 1:     # A
            data = struct.pack(">HHHIH4s", 0xC00C, 1, 1, 5, 4,
                               socket.inet_aton("127.0.0.1"))
        if kind == 16 and name in self.texts:
            text = self.texts[name].encode()
            data = struct.pack(">HHHIHB", 0xC00C, 16, 1, 5, len(text) + 1,
                               len(text)) + text
        flags = 0x8180 if known else 0x8183
        return query[:2] + struct.pack(">HHHHH", flags, 1, int(bool(data)), 0,
                                       0) + question + data


class Upstream(http.server.BaseHTTPRequestHandler):
    """Says what it was asked for."""

    def do_GET(self):
        body = json.dumps({"path": self.path, "headers": {
            k.lower(): v for k, v in self.headers.items()}}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_):
        pass


def upstream(status=200):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    server.status = status
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Pebble:
    """An authority that proves names by HTTP or DNS as the real ones do."""

    def __init__(self, folder, dns, http_port):
        new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
               "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=pebble",
               "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
               "pebble.key", "-out", "pebble.crt"]
        subprocess.run(new, cwd=folder, check=True, capture_output=True)
        self.ca = folder / "pebble.crt"
        for _ in range(5):      # somebody may take a port that was free
            self.begin(folder, dns, http_port)
            if self.listens():
                return
        raise AssertionError("pebble does not listen")

    def begin(self, folder, dns, http_port):
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}/dir"
        (folder / "pebble.json").write_text(json.dumps({"pebble": {
            "listenAddress": f"127.0.0.1:{self.port}",
            "managementListenAddress": f"127.0.0.1:{free_port()}",
            "certificate": str(self.ca),
            "privateKey": str(folder / "pebble.key"),
            "httpPort": http_port, "tlsPort": free_port()}}))
        self.child = subprocess.Popen(
            ["pebble", "-config", folder / "pebble.json", "-dnsserver",
             f"127.0.0.1:{dns.port}"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "PEBBLE_VA_NOSLEEP": "1",
                 "PEBBLE_WFE_NONCEREJECT": "0"})

    def listens(self):
        """False: it has ended."""
        while self.child.poll() is None:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 5).close()
                return True
            time.sleep(0.05)
        return False

    def stop(self):
        self.child.terminate()
        self.child.wait(WAIT_S)


class Nginx:
    def __init__(self, folder, **settings):
        self.folder = folder
        self.http = settings.pop("http_port", None) or free_port()
        self.https = free_port()
        self.log = folder / "log"
        env = {"PATH": os.environ["PATH"] + ":/usr/sbin",
               "RUN_DIR": str(folder / "run"), "ACCESS_LOG": "/dev/null",
               "CERT_FILE": str(folder / "tls.crt"),
               "CERT_KEY": str(folder / "tls.key"),
               "ACME_ROOT": str(folder), "HTTP_PORT": str(self.http),
               "HTTPS_PORT": str(self.https), "WORKERS": "1",
               "PUBLIC_HTTPS_PORT": str(self.https), **settings}
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(
                [ROOT / "nginx/start"], env=env, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True)

    def ready(self):
        end = time.monotonic() + WAIT_S
        while True:
            assert self.child.poll() is None, self.log.read_text()
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.get("/nginx-health")[0].status == 200:
                    return self
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.05)

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, 15)
        self.child.wait(WAIT_S)

    def get(self, path, method="GET", secure=True, **headers):
        if secure:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            c = http.client.HTTPSConnection("127.0.0.1", self.https,
                                            context=context, timeout=10)
        else:
            c = http.client.HTTPConnection("127.0.0.1", self.http, timeout=10)
        with contextlib.closing(c):
            c.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers.items():
                c.putheader(name.replace("_", "-"), value)
            c.endheaders()
            answer = c.getresponse()
            return answer, answer.read()

    def certificate(self):
        return subprocess.run(
            ["openssl", "x509", "-in", self.folder / "tls.crt", "-noout",
             "-fingerprint", "-ext",
             "basicConstraints,extendedKeyUsage,subjectAltName"],
            check=True, stdout=subprocess.PIPE, text=True).stdout


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="nginx.") as name:
        Path(name).chmod(0o755)     # its workers are nobody
        yield Path(name)


@pytest.fixture
def start(folder):
    running = []
    closed = f"127.0.0.1:{free_port()}"

    def go(**settings):
        settings = {"HBBS_WS": closed, "HBBR_WS": closed, "API": closed,
                    **settings}
        running.append(Nginx(folder, **settings))
        return running[-1]

    yield go
    for n in running:
        n.stop()


@pytest.fixture
def api():
    server = upstream()
    yield server
    server.shutdown()


def at(server):
    return f"127.0.0.1:{server.server_port}"


# ---- names -------------------------------------------------------------------

def test_full_names_are_found_where_dns_knows_no_others(start, api):
    full = "api.rustdesk.svc.cluster.local"
    dns = Dns({full})
    n = start(API=f"{full}:{api.server_port}",
              RESOLVER=f"127.0.0.1:{dns.port}").ready()
    answer, body = n.get("/api/x")
    assert answer.status == 200 and json.loads(body)["path"] == "/api/x"
    dns.sock.close()


def test_a_short_name_is_not_found_there(start, api):
    """What the full names are for."""
    dns = Dns({"api.rustdesk.svc.cluster.local"})
    n = start(API=f"api:{api.server_port}",
              RESOLVER=f"127.0.0.1:{dns.port}").ready()
    assert n.get("/api/x")[0].status == 503
    dns.sock.close()


# ---- readiness ---------------------------------------------------------------

@pytest.mark.parametrize("status", [200, 401, 429, 503])
def test_it_is_ready_when_the_api_can_be_reached(start, status):
    server = upstream(status)
    n = start(API=at(server)).ready()
    assert n.get("/nginx-ready")[0].status == 200
    server.shutdown()


def test_it_is_ready_when_hbbs_can_be_reached_and_the_api_cannot(start):
    server = upstream(404)
    n = start(HBBS_WS=at(server)).ready()
    assert n.get("/nginx-ready")[0].status == 200
    server.shutdown()


def test_it_is_not_ready_when_nobody_can_be_reached(start):
    n = start().ready()
    assert n.get("/nginx-ready")[0].status == 503
    assert n.get("/nginx-health")[0].status == 200


# ---- requests ----------------------------------------------------------------

def test_two_slashes_mean_one(start, api):
    n = start(API=at(api)).ready()
    for path in ("//api/x?a=//b", "///api/x?a=//b"):
        answer, body = n.get(path)
        assert json.loads(body)["path"] == "/api/x?a=//b"


def test_what_is_encoded_arrives_as_it_was(start, api):
    n = start(API=at(api)).ready()
    _, body = n.get("/api/a%2Fb%20c?d=%26")
    assert json.loads(body)["path"] == "/api/a%2Fb%20c?d=%26"


def test_forwarding_headers_are_overwritten(start, api):
    n = start(API=at(api)).ready()
    _, body = n.get("/api/x", X_Real_IP="192.0.2.1", Forwarded="for=192.0.2.1",
                    X_Forwarded_For="192.0.2.1", X_Forwarded_Proto="http")
    got = json.loads(body)["headers"]
    assert got["x-real-ip"] == got["x-forwarded-for"] == "127.0.0.1"
    assert got["x-forwarded-proto"] == "https" and "forwarded" not in got


@pytest.mark.parametrize("path, headers, status", [
    ("/api/x", {"Content_Length": str(100 << 20)}, 413),
    ("/api/x", {"Cookie": "x" * 40000}, 400)])
def test_what_it_refuses_itself_is_answered_in_json(start, api, path, headers,
                                                    status):
    n = start(API=at(api)).ready()
    answer, body = n.get(path, "POST", **headers)
    assert answer.status == status
    assert answer.getheader("Content-Type") == "application/json"
    assert json.loads(body)["error"]


def test_an_api_that_is_away_is_answered_in_json(start):
    answer, body = start().ready().get("/api/x")
    assert answer.status == 503 and answer.getheader("Retry-After")
    assert json.loads(body)["error"]


def test_one_number_limits_logins(start, api):
    """LOGIN_RATE, with a burst for an office that begins its day."""
    n = start(API=at(api), LOGIN_RATE="1").ready()
    taken = 0
    while taken < 500:      # a slow machine gets some back meanwhile
        answer, body = n.get("/api/login", "POST", Content_Length="0")
        if answer.status != 200:
            break
        taken += 1
    assert taken >= 20 and answer.status == 429
    assert json.loads(body)["error"]


def test_no_login_limit_is_none(start, api):
    n = start(API=at(api), LOGIN_RATE="0").ready()
    assert {n.get("/api/login", "POST", Content_Length="0")[0].status
            for _ in range(150)} == {200}


# ---- port 80 -----------------------------------------------------------------

def test_port_80_serves_websockets_and_says_that_they_are_plain(start, api):
    n = start(HBBS_WS=at(api), HBBR_WS=at(api)).ready()
    for path in ("/ws/id", "/ws/relay"):
        answer, body = n.get(path, secure=False, X_Forwarded_Proto="https")
        assert answer.status == 200
        assert json.loads(body)["headers"]["x-forwarded-proto"] == "http"
    answer, _ = n.get("/api/x", secure=False)
    assert answer.status == 301


def test_websockets_on_port_80_can_be_forbidden(start, api):
    n = start(HBBS_WS=at(api), PLAIN_WS="n").ready()
    assert n.get("/ws/id", secure=False)[0].status == 301


@pytest.mark.parametrize("setting", [{"PLAIN_WS": "maybe"},
                                     {"LOGIN_RATE": "fast"}])
def test_a_bad_setting_is_named(start, setting):
    n = start(**setting)
    assert n.child.wait(WAIT_S) != 0
    (name, value), = setting.items()
    assert f"{name}={value}" in n.log.read_text()


# ---- the certificate ---------------------------------------------------------

def test_the_self_signed_certificate_is_an_ends_own(start):
    text = start(SERVER_NAME="a.example, 192.0.2.7").ready().certificate()
    assert "CA:FALSE" in text and "TLS Web Server Authentication" in text
    for name in ("DNS:a.example", "IP Address:192.0.2.7", "DNS:localhost"):
        assert name in text


def test_it_is_trusted_by_who_was_given_it(start, folder):
    n = start(SERVER_NAME="127.0.0.1").ready()
    context = ssl.create_default_context(cafile=folder / "tls.crt")
    with socket.create_connection(("127.0.0.1", n.https), 10) as s:
        context.wrap_socket(s, server_hostname="127.0.0.1").close()


def test_it_stays_until_the_names_change(start):
    first = start(SERVER_NAME="a.example").ready()
    before = first.certificate()
    first.stop()
    again = start(SERVER_NAME="a.example").ready()
    assert again.certificate() == before
    again.stop()
    moved = start(SERVER_NAME="b.example").ready().certificate()
    assert "b.example" in moved and "a.example" not in moved


def own_certificate(folder, authority=True):
    run = lambda *argv: subprocess.run(     # noqa: E731
        ["openssl", *argv], cwd=folder, check=True, capture_output=True)
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
           "-nodes"]
    run("req", "-x509", *new, "-subj", "/CN=authority", "-keyout", "ca.key",
        "-out", "ca.crt")
    run("req", *new, "-subj", "/CN=own.example", "-keyout", "tls.key", "-out",
        "own.csr")
    run("x509", "-req", "-in", "own.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
        "-CAcreateserial", "-days", "9", "-out", "tls.crt")


def test_ones_own_certificate_is_never_touched(start, folder):
    own_certificate(folder)
    before = (folder / "tls.crt").read_bytes()
    start(SERVER_NAME="other.example").ready()
    assert (folder / "tls.crt").read_bytes() == before


def test_https_is_promised_for_good_only_with_a_certificate_that_was_brought(
        start, folder, api):
    own = start(API=at(api)).ready()
    name = "Strict-Transport-Security"
    assert own.get("/api/x")[0].getheader(name) is None
    own.stop()
    (folder / "tls.crt").unlink()
    (folder / "tls.key").unlink()
    own_certificate(folder)
    brought = start(API=at(api)).ready()
    assert brought.get("/api/x")[0].getheader(name) == "max-age=31536000"


def test_a_renewed_certificate_is_taken_up(start, folder):
    n = start(SERVER_NAME="a.example", CERT_CHECK="1").ready()
    own_certificate(folder)
    served = b""
    end = time.monotonic() + WAIT_S
    mine = ssl.PEM_cert_to_DER_cert((folder / "tls.crt").read_text())
    while served != mine:
        assert time.monotonic() < end, n.log.read_text()
        served = ssl.PEM_cert_to_DER_cert(
            ssl.get_server_certificate(("127.0.0.1", n.https)))
        time.sleep(0.1)


# ---- a certificate without work ----------------------------------------------

NAME = "rd.example.com"


@pytest.fixture
def authority(folder):
    """A running one whose DNS knows NAME as this machine."""
    dns, http_port = Dns({NAME}), free_port()
    pebble = Pebble(folder, dns, http_port)
    pebble.dns, pebble.http_port = dns, http_port
    yield pebble
    pebble.stop()
    dns.sock.close()


def acme(authority, **more):
    return {"SERVER_NAME": NAME, "ACME_EMAIL": "admin@example.com",
            "ACME_SERVER": authority.url, "ACME_CA": str(authority.ca),
            "ACME_RETRY": "1", "CERT_CHECK": "1",
            "http_port": authority.http_port, **more}


def served(n):
    pem = ssl.get_server_certificate(("127.0.0.1", n.https))
    return subprocess.run(
        ["openssl", "x509", "-noout", "-issuer", "-serial", "-ext",
         "subjectAltName"], input=pem, check=True, stdout=subprocess.PIPE,
        text=True).stdout


def until(n, what, seconds=60):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, n.log.read_text()
        time.sleep(0.1)


def state(n):
    answer, body = n.get("/nginx-acme")
    return json.loads(body) if answer.status == 200 else {}


def test_a_name_and_an_address_are_enough_for_a_certificate(start, authority,
                                                            api):
    n = start(API=at(api), **acme(authority)).ready()
    until(n, lambda: "Pebble" in served(n))
    assert f"DNS:{NAME}" in served(n)
    until(n, lambda: state(n).get("state") == "ok")
    until(n, lambda: n.get("/api/x")[0].getheader(
        "Strict-Transport-Security"))


def test_a_connection_lives_through_the_renewal(start, authority, api):
    n = start(API=at(api), **acme(authority, ACME_CHECK="1")).ready()
    until(n, lambda: "Pebble" in served(n))
    context = ssl._create_unverified_context()
    c = http.client.HTTPSConnection("127.0.0.1", n.https, context=context)
    c.request("GET", "/api/x")
    c.getresponse().read()
    before = served(n)
    made, = (n.folder / "acme/certs").iterdir()
    for link in ("cert.pem", "fullchain.pem"):      # as if it had run out
        (made / link).unlink()
    until(n, lambda: served(n) != before)
    assert "Pebble" in served(n)
    c.close()


def test_the_account_and_the_certificate_survive_a_restart(start, authority):
    first = start(**acme(authority)).ready()
    until(first, lambda: "Pebble" in served(first))
    before = served(first)
    first.stop()
    again = start(**acme(authority)).ready()
    assert served(again) == before
    until(again, lambda: state(again).get("state") == "ok")
    assert served(again) == before


def test_names_by_dns_for_hosts_that_nobody_reaches(start, authority, folder):
    hook = folder / "hook"
    hook.write_text("#!/bin/sh\n[ \"$1\" = deploy_challenge ] && "
                    f"echo \"$2 $4\" >{folder}/txt\nexit 0\n")
    hook.chmod(0o755)
    n = start(**acme(authority, ACME_HOOK=str(hook), http_port=free_port()))

    def publish():
        with contextlib.suppress(OSError, ValueError):
            name, text = (folder / "txt").read_text().split()
            authority.dns.texts[f"_acme-challenge.{name}"] = text
        return "Pebble" in served(n)

    n.ready()
    until(n, publish)


def test_a_refusal_is_shown_and_tried_again(start, authority):
    """The name leads elsewhere at first."""
    authority.dns.names.clear()
    n = start(**acme(authority)).ready()
    until(n, lambda: state(n).get("state") == "error")
    assert state(n)["error"] and NAME in state(n)["names"]
    assert "no certificate for rd.example.com" in n.log.read_text()
    authority.dns.names.add(NAME)
    until(n, lambda: "Pebble" in served(n))


@pytest.mark.parametrize("settings, sentence", [
    ({"ACME_EMAIL": "admin"}, "ACME_EMAIL=admin is no address"),
    ({"ACME_EMAIL": "a@b.c", "SERVER_NAME": "192.0.2.1"},
     "SERVER_NAME must be the name that clients use"),
    ({"ACME_EMAIL": "a@b.c", "SERVER_NAME": NAME, "ACME_SERVER": "http://x"},
     "ACME_SERVER=http://x is neither"),
    ({"ACME_EMAIL": "a@b.c", "SERVER_NAME": NAME, "ACME_CA": "/none"},
     "/none cannot be read")])
def test_what_cannot_work_is_said_at_the_start(start, settings, sentence):
    n = start(**settings)
    assert n.child.wait(WAIT_S) != 0
    assert sentence in n.log.read_text()


def test_a_certificate_of_ones_own_is_not_replaced(start, folder):
    own_certificate(folder)
    n = start(SERVER_NAME=NAME, ACME_EMAIL="a@b.c")
    assert n.child.wait(WAIT_S) != 0
    assert "is a certificate of your own" in n.log.read_text()
