"""The examples of proxies/ in front of the real programs: each proxy of Debian
runs with its file, of which only names, ports and paths are exchanged.
"""

import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/utils"), str(ROOT / "tests/conformance")]

import link                                             # noqa: E402
from fake import make_certificate                       # noqa: E402
from site_of_one import PASSWORD, Site, until           # noqa: E402

NAME, CLIENT, LIE = "localhost", "127.0.0.5", "192.0.2.66"
TEST_ID = "(:test_hbbs:)"
MODULES = ("mpm_event", "authz_core", "headers", "ssl", "socache_shmcb",
           "proxy", "proxy_http")


@pytest.fixture(scope="module", name="site")
def programs(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("site"))
    try:
        yield site.start()
    finally:
        site.stop()


# ---- each proxy's file, and what it needs around it --------------------------

def nginx(text, folder):
    temporary = "".join(f"\t{kind}_temp_path {folder}/{kind};\n" for kind in (
        "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "conf").write_text(
        f"pid {folder}/pid;\nevents {{}}\nhttp {{\n\taccess_log off;\n"
        f"{temporary}{text}}}\n")
    return ["nginx", "-e", "stderr", "-c", folder / "conf", "-g",
            "daemon off;"]


def caddy(text, folder):
    text = text.replace(
        f"{NAME} {{", f"{{\n\tauto_https off\n\tadmin off\n}}\n"
        f"https://{NAME}:{{port}} {{\n\ttls {folder}/cert.pem "
        f"{folder}/key.pem\n\tbind 127.0.0.1")
    text = text.replace("{port}", (folder / "port").read_text())
    (folder / "conf").write_text(text)
    return ["caddy", "run", "--adapter", "caddyfile", "--config",
            folder / "conf"]


def haproxy(text, folder):
    (folder / "conf").write_text(text)
    return ["haproxy", "-db", "-f", folder / "conf"]


def apache(text, folder):
    modules = "".join(f"LoadModule {m}_module /usr/lib/apache2/modules/"
                      f"mod_{m}.so\n" for m in MODULES)
    listen = re.search(r"<VirtualHost \*:(\d+)>", text)[1]
    (folder / "conf").write_text(
        f"{modules}ServerRoot {folder}\nPidFile {folder}/pid\n"
        f"ServerName {NAME}\nListen 127.0.0.1:{listen}\n"
        f"Mutex file:{folder}\nErrorLog {folder}/log\n{text}")
    return ["apache2", "-D", "FOREGROUND", "-f", folder / "conf"]


PROXIES = {"nginx.conf": nginx, "Caddyfile": caddy, "haproxy.cfg": haproxy,
           "apache.conf": apache}


def adapted(text, site, port, folder):
    """The file with the ports of SITE, its own PORT and certificate."""
    ports = {21114: site.first, 21118: site.first + 4, 21119: site.first + 5}
    for documented, ours in ports.items():
        text = text.replace(f"127.0.0.1:{documented}", f"127.0.0.1:{ours}")
    text = text.replace("rd.example.com", NAME)
    text = re.sub(r"\blisten \[::\]:443.*\n", "", text)
    text = re.sub(r"\blisten 443\b", f"listen 127.0.0.1:{port}", text)
    text = text.replace("*:443", f"*:{port}")
    text = text.replace("bind :443", f"bind 127.0.0.1:{port}")
    for documented, ours in (("tls.crt", "cert.pem"), ("tls.key", "key.pem"),
                             ("tls.pem", "both.pem")):
        text = text.replace(f"/etc/ssl/rustdesk/{documented}",
                            f"{folder}/{ours}")
    return text


class Front:
    """A proxy in front of SITE."""

    def __init__(self, site, name):
        self.site, self.name = site, name
        self.folder = Path(tempfile.mkdtemp(prefix="proxy-"))
        make_certificate(self.folder)
        (self.folder / "both.pem").write_text(
            (self.folder / "cert.pem").read_text()
            + (self.folder / "key.pem").read_text())
        with socket.create_server(("127.0.0.1", 0)) as s:
            self.port = s.getsockname()[1]
        (self.folder / "port").write_text(str(self.port))
        text = adapted((ROOT / "proxies" / name).read_text(), site, self.port,
                       self.folder)
        argv = PROXIES[name](text, self.folder)
        self.context = ssl.create_default_context(
            cafile=self.folder / "cert.pem")
        self.log = open(self.folder / "out", "wb")
        self.child = subprocess.Popen(
            [str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log, cwd=self.folder, env={
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME": str(self.folder)})

    def start(self):
        def answers():
            assert self.child.poll() is None, self.said()
            return self.get("/api/version").status == 200
        until(answers)
        return self

    def said(self):
        return (self.folder / "out").read_text(errors="replace")[-3000:]

    def get(self, path, method="GET", body=None, **headers):
        c = http.client.HTTPSConnection(
            NAME, self.port, context=self.context, timeout=20,
            source_address=(CLIENT, 0))
        c.request(method, path, body=body and json.dumps(body), headers={
            "Content-Type": "application/json", **headers})
        answer = c.getresponse()
        answer.text = answer.read().decode()
        c.close()
        return answer

    def ws(self, path):
        return link.Ws(
            (NAME, self.port), CLIENT, path=path,
            headers=[("X-Forwarded-For", LIE)],
            wrap=lambda s: self.context.wrap_socket(s, server_hostname=NAME))

    def stop(self):
        self.child.terminate()
        self.child.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="module", name="front", params=list(PROXIES))
def proxy(request, site):
    program = PROXIES[request.param].__name__.replace("apache", "apache2")
    if not shutil.which(program, path="/usr/sbin:/usr/bin"):
        pytest.skip(f"{program} is not installed")
    front = Front(site, request.param)
    try:
        yield front.start()
    finally:
        front.stop()


def test_the_api_sees_the_clients_own_address(front):
    """And not the one that the client claims."""
    answer = front.get("/api/login", "POST", {
        "username": "admin", "password": PASSWORD, "id": "1", "uuid": "dQ==",
        "type": "account", "autoLogin": True}, **{"X-Forwarded-For": LIE})
    assert answer.status == 200, answer.text
    token = json.loads(answer.text)["access_token"]
    audit = front.get("/api/audits/console?pageSize=100",
                      Authorization=f"Bearer {token}")
    assert audit.status == 200, audit.text
    assert CLIENT in audit.text and LIE not in audit.text


def test_the_console_is_served(front):
    assert front.get("/").status == 200


def test_ws_id_reaches_hbbs_with_the_clients_own_address(front, site):
    key = (site.folder / "id_ed25519.pub").read_text().strip()
    before = (site.folder / "hbbs/log").stat().st_size
    answer = front.ws("/ws/id").ask("punch_hole_response", punch_hole_request={
        "id": "111222333", "licence_key": key})
    assert answer.failure == 0      # ID_NOT_EXIST
    log = (site.folder / "hbbs/log").read_bytes()[before:].decode()
    assert CLIENT in log and LIE not in log, log


def test_ws_relay_joins_two_halves(front, site):
    key = (site.folder / "id_ed25519.pub").read_text().strip()
    session = str(uuid.uuid4())
    wanted = {"id": TEST_ID, "uuid": session, "licence_key": key}
    front.ws("/ws/id").ask("relay_response", request_relay=wanted)
    a, b = (front.ws("/ws/relay") for _ in range(2))
    a.send_msg(request_relay=wanted)
    b.send_msg(request_relay={**wanted, "id": ""})
    a.send(b"a frame of the session")
    assert b.recv() == b"a frame of the session"
    b.send(b"x" * 100_000)
    assert a.recv() == b"x" * 100_000
