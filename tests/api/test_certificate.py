"""The certificate at the public name, as the api sees it from outside."""
import socket
import ssl
import subprocess
import threading
import time

import pytest

from harness import Api, Redis, World, wait_for

DAY = 86400


class Front:
    """Something that listens where nginx would: TLS with CERT, or silence."""

    def __init__(self, cert=None):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.cert, self.held, self.came = cert, [], threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            self.held.append(peer)
            self.came.set()
            if self.cert:
                threading.Thread(target=self._greet, args=(peer,), daemon=True).start()

    def _greet(self, peer):
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ctx.load_cert_chain(self.cert)
        try:
            with ctx.wrap_socket(peer, server_side=True) as tls:
                tls.recv(1)
        except OSError:
            pass

    def stop(self):
        if self.listener.fileno() < 0:
            return
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self.listener.close()
        for s in self.held:
            s.close()


def make_cert(folder, name, days):
    """Its key in the same file; DAYS below 0: it has ended."""
    path = str(folder / f"{name}.pem")
    end = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * DAY + 600))
    with open(folder / "ca.cnf", "w", encoding="utf-8") as f:
        f.write(f"[ca]\ndefault_ca=d\n[d]\ndatabase={folder}/db\nnew_certs_dir={folder}\n"
                "rand_serial=yes\ndefault_md=sha256\npolicy=p\nx509_extensions=x\n[p]\n"
                f"commonName=supplied\n[x]\nsubjectAltName=DNS:{name}\n"
                "basicConstraints=critical,CA:TRUE\n")
    (folder / "db").write_text("")

    def openssl(*args):
        subprocess.run(["openssl", *args], check=True, capture_output=True)

    key, csr = str(folder / "key"), str(folder / "csr")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", key, "-out", csr, "-subj", f"/CN={name}")
    openssl("ca", "-batch", "-selfsign", "-config", str(folder / "ca.cnf"), "-keyfile", key,
            "-in", csr, "-out", path, "-notext", "-startdate", "20200101000000Z",
            "-enddate", end)
    with open(path, "a", encoding="utf-8") as f, open(key, encoding="utf-8") as k:
        f.write(k.read())
    return path


@pytest.fixture(scope="module")
def redis():
    r = Redis()
    yield r
    r.stop()


@pytest.fixture()
def site(redis):
    """Gives an api with a public name to look at."""
    worlds, fronts = [], []

    def start(front, ca=None, url="https://localhost:{}/desk"):
        redis.do("FLUSHALL")
        w = World.__new__(World)
        w.redis, w.n = redis, 0
        env = dict(PUBLIC_URL=url.format(front.port)) if front else {}
        if ca:
            env["SSL_CERT_FILE"] = ca
        w.api = Api(redis, **env)
        worlds.append(w)
        fronts.extend([front] if front else [])
        w.admin = w.login("admin", w.api.admin_password())
        return w

    yield start
    for w in worlds:
        w.api.stop()
    for f in fronts:
        f.stop()


def overview(w):
    return w.admin.get("/api/web/overview")


def certificate(w):
    """After the first look."""
    return wait_for("a look", lambda: overview(w)["certificate"]["asked"]
                    and overview(w)["certificate"])


def wants(w):
    return {a["kind"]: a["name"] for a in overview(w)["attention"]
            if a["kind"].startswith("certificate")}


def test_a_trusted_certificate_tells_when_it_ends(site, tmp_path):
    cert = make_cert(tmp_path, "localhost", 60)
    front = Front(cert)
    w = site(front, ca=cert)
    c = certificate(w)
    assert (c["state"], c["name"], c["why"]) == ("trusted", f"localhost:{front.port}", "")
    assert abs(c["expires"] - time.time() - 60 * DAY) < DAY and wants(w) == {}
    assert w.redis.do("TTL", "api:certificate:asked") > 600


def test_one_that_was_not_renewed_wants_attention(site, tmp_path):
    front = Front(make_cert(tmp_path, "localhost", 10))
    w = site(front)
    assert certificate(w)["state"] == "private"
    assert wants(w) == {"certificate_ends": f"localhost:{front.port}"}


def test_one_that_has_ended_wants_attention(site, tmp_path):
    w = site(Front(make_cert(tmp_path, "localhost", -2)))
    c = certificate(w)
    assert c["state"] == "expired" and c["expires"] < time.time()
    assert list(wants(w)) == ["certificate_expired"]


def test_one_for_another_name_wants_attention_and_is_looked_at_again_soon(site, tmp_path):
    w = site(Front(make_cert(tmp_path, "other.example", 60)))
    assert certificate(w)["state"] == "wrong_name"
    assert list(wants(w)) == ["certificate_name"]
    assert 0 < w.redis.do("TTL", "api:certificate:asked") <= 300


def test_where_nobody_serves_tls_it_is_unknown_and_says_why(site):
    front = Front()
    front.stop()
    c = certificate(site(front))
    assert c["state"] == "unknown" and c["expires"] == 0 and "connect" in c["why"]


def test_a_front_that_says_nothing_holds_up_nobody(site):
    front = Front()
    w = site(front)
    assert front.came.wait(20)
    assert overview(w)["certificate"]["state"] == "unknown"
    c = certificate(w)
    assert c["state"] == "unknown" and c["why"] and wants(w) == {}


@pytest.mark.parametrize("url", ["", "http://localhost:{}"])
def test_without_a_public_name_with_https_there_is_nothing_to_look_at(site, url):
    front = Front()
    w = site(front, url=url)
    assert overview(w)["certificate"] == dict(state="none", name="", expires=0, asked=0, why="")
    assert not front.came.is_set()


def test_a_password_that_the_server_made_is_not_ones_own(site):
    w = site(None)
    assert w.admin.get("/api/currentUser")["own_password"] is False
    w.admin.put("/api/user/password", dict(old_password=w.api.admin_password(), password="my own words"))
    assert w.login("admin", "my own words").get("/api/currentUser")["own_password"] is True
