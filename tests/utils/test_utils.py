"""rustdesk-utils from the outside, against made-up servers."""

import base64
import http.server
import json
import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from fake import PUBLIC, SECRET, Fake, make_certificate
from program import Redis, utils

# Spec 5.4.
VECTOR_KEY = "5Qbwsde3unUcJBtrx9ZkvUmwFNoExHzpryHuPUdqlWM="
VECTOR = ("0nI900VsFHZVBVdIlncwpHS4V0bOZ0dtVldrpVO4JHdCp0YV5WdzUGZzdnYRVjI6ISeltm"
          "IsISMuEjLx4SMiojI0N3boJye")


def decoded(string):
    """The JSON inside a configuration string, as a client reads it."""
    text = string.strip()[::-1]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


@pytest.fixture(name="keys")
def key_folder(tmp_path):
    (tmp_path / "id_ed25519").write_text(SECRET)
    (tmp_path / "id_ed25519.pub").write_text(PUBLIC)
    return tmp_path


# ---- keys -------------------------------------------------------------------

def test_a_generated_pair_is_valid_and_fits_into_file_names():
    text = utils("genkeypair").stdout
    pair = re.fullmatch(r"Public Key:  (\S{44})\nSecret Key:  (\S{88})\n",
                        text)
    assert pair
    assert not set(pair[1]) & set("/:")
    done = utils("validatekeypair", pair[1], pair[2])
    assert (done.returncode, done.stdout) == (0, "Key pair is VALID\n")
    assert utils("genkeypair").stdout != text


@pytest.mark.parametrize("public, secret, why", [
    (PUBLIC.replace("A", "B", 1), SECRET, "INVALID"),
    ("xyz", SECRET, "public key is not valid"),
    (PUBLIC, "xyz", "secret key is not valid"),
    (SECRET, PUBLIC, "public key is not valid"),
])
def test_a_bad_pair_is_told_with_its_reason(public, secret, why):
    done = utils("validatekeypair", public, secret)
    assert done.returncode == 1
    assert why in done.stderr
    assert SECRET not in done.stderr + done.stdout


@pytest.mark.parametrize("arguments", [
    (), ("nonsense",), ("genkeypair", "x"), ("validatekeypair", "x"),
    ("doctor",), ("doctor", "a", "b"), ("doctor", "--colour", "a"),
    ("config", "a", "--qr"), ("healthcheck",), ("healthcheck", "0"),
    ("healthcheck", "65536"), ("healthcheck", "nginx")])
def test_a_wrong_command_line_is_refused(arguments):
    done = utils(*arguments)
    assert done.returncode == 2
    assert done.stderr


@pytest.mark.parametrize("command", ["", "doctor", "config"])
def test_help_is_given(command):
    done = utils(*command.split(), "--help")
    assert done.returncode == 0
    assert "usage: rustdesk-utils" in done.stdout


# ---- configuration strings --------------------------------------------------

def test_the_string_of_the_specification_is_made():
    done = utils("config", "--key", VECTOR_KEY, "1.1.1.1")
    assert (done.returncode, done.stdout) == (0, VECTOR + "\n")


def test_the_string_takes_the_key_of_the_folder(keys):
    for arguments in (("h.example",), ("--host", "h.example"),
                      ("-k", "-", "h.example"), ("-k", SECRET, "h.example")):
        done = utils("config", *arguments, cwd=keys)
        assert decoded(done.stdout) == {"host": "h.example", "key": PUBLIC}
    done = utils("config", "--data-dir", str(keys), "h.example")
    assert decoded(done.stdout) == {"host": "h.example", "key": PUBLIC}


def test_an_empty_key_and_other_servers_can_be_given():
    done = utils("config", "--key=", "--relay", "r.example", "--api",
                 "https://a.example", "h.example:21116")
    assert "=" not in done.stdout
    assert decoded(done.stdout) == {
        "host": "h.example:21116", "relay": "r.example",
        "api": "https://a.example"}


def test_a_missing_key_is_an_error_that_says_what_to_do(tmp_path):
    done = utils("config", "h.example", cwd=tmp_path)
    assert done.returncode == 2
    assert "id_ed25519.pub" in done.stderr and "--key" in done.stderr


@pytest.mark.parametrize("host", ["", "a b", "a,key=x", 'a"'])
def test_a_host_that_would_break_the_forms_is_refused(host):
    done = utils("config", "--key=k", host)
    assert done.returncode == 2 and "host" in done.stderr


def test_a_file_name_is_made(keys):
    done = utils("config", "--file-name", "-k", "Zm9v==", "h.example")
    assert done.stdout == "rustdesk-host=h.example,key=Zm9v==,.exe\n"
    done = utils("config", "--file-name", "h.example:5", cwd=keys)
    found = re.fullmatch(r"rustdesk-licensed-(\S+)\.exe\n", done.stdout)
    assert decoded(found[1]) == {"host": "h.example:5", "key": PUBLIC}


def pixels(drawing):
    """The drawing as rows of 0 (light) and 1 (dark)."""
    rows = []
    for line in drawing.splitlines():
        rows.append([int(c in " ▄") for c in line])
        rows.append([int(c in " ▀") for c in line])
    return rows


@pytest.mark.skipif(not shutil.which("zbarimg"), reason="zbar-tools missing")
def test_the_qr_code_can_be_scanned(tmp_path):
    drawing = utils("config", "--qr", "-k", VECTOR_KEY, "1.1.1.1").stdout
    rows = [[p for p in row for _ in range(8)]
            for row in pixels(drawing) for _ in range(8)]
    image = tmp_path / "qr.pbm"
    image.write_text(f"P1\n{len(rows[0])} {len(rows)}\n" +
                     "\n".join("".join(map(str, row)) for row in rows))
    done = subprocess.run(["zbarimg", "-q", "--raw", str(image)],
                          capture_output=True, text=True, timeout=60)
    assert done.stdout == f"config={VECTOR}\n"


def test_what_does_not_fit_is_refused():
    done = utils("config", "--key=", "--relay", "r" * 3000, "h.example")
    assert done.returncode == 2 and "too long" in done.stderr


# ---- doctor -----------------------------------------------------------------

@pytest.fixture(name="certificate", scope="module")
def certificate_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificate")
    make_certificate(folder)
    return folder


@pytest.fixture(name="examine")
def examination(certificate, keys):
    """Runs the doctor against a fake server with FAULTS."""
    servers = []

    def run(*faults, options=(), trust=True, cwd=keys):
        server = Fake(certificate, *faults)
        servers.append(server)
        env = {"SSL_CERT_FILE": str(certificate / "cert.pem")} if trust \
            else {}
        return utils("doctor", "--port", str(server.port), "--relay-port",
                     str(server.relay_port), "--https-port",
                     str(server.https_port), "--timeout", "900ms", *options,
                     "localhost", cwd=cwd, **env)

    yield run
    for server in servers:
        server.close()


def failures(done):
    return [line for line in done.stdout.splitlines()
            if line.startswith("fail")]


def test_a_good_server_passes_every_check(examine):
    done = examine()
    assert failures(done) == []
    assert done.returncode == 0
    what = [line[6:17].strip() for line in done.stdout.splitlines()[:-1]]
    assert what == ["name", "key files", "api", "nat test", "signalling",
                    "relay", "id ws", "relay ws", "udp", "protocol",
                    "protocol", "server key", "session", "wss", "wss",
                    "certificate", "accounts", "clock"]


@pytest.mark.parametrize("fault, label, todo", [
    ("no api", "api", "firewall"),
    ("no ws", "id ws", "firewall"),
    ("no relay-ws", "relay ws", "firewall"),
    ("no udp", "udp", "UDP"),
    ("garbage", "protocol", "Something else listens"),
    ("no offer", "server key", "no encryption"),
    ("no pairing", "session", "closed the connection"),
    ("no path", "wss", "HTTP status 404"),
    ("no https", "wss", "nginx"),
    ("broken api", "accounts", "HTTP status 500"),
    ("clock", "clock", "time service"),
])
def test_one_fault_is_found_and_explained(examine, fault, label, todo):
    done = examine(fault)
    assert done.returncode == 1
    lines = failures(done)
    assert lines and all(line[6:17].strip() == label for line in lines)
    assert todo in lines[0]


@pytest.mark.parametrize("fault, labels", [
    ("no nat", {"nat test", "protocol"}),
    ("no signal", {"signalling", "protocol", "server key"}),
    ("no relay", {"relay", "session"}),
])
def test_a_closed_port_fails_what_needs_it(examine, fault, labels):
    found = {line[6:17].strip() for line in failures(examine(fault))}
    assert found == labels


def test_a_lost_datagram_is_sent_again(examine):
    assert failures(examine("lossy")) == []


def test_a_wrong_key_is_found_by_server_and_relay(examine, tmp_path):
    other = utils("genkeypair").stdout.split()[2]
    empty = tmp_path / "empty"
    empty.mkdir()
    done = examine(options=("--key", other), cwd=empty)
    text = "\n".join(failures(done))
    assert "signs with another key" in text
    assert "the relay closed the connection" in text
    assert len(failures(done)) == 2


def test_a_key_that_is_not_the_pair_in_the_folder_is_found(examine):
    other = utils("genkeypair").stdout.split()[2]
    text = "\n".join(failures(examine(options=("--key", other))))
    assert f"but clients are given {other}" in text


def test_broken_key_files_are_found(examine, keys):
    (keys / "id_ed25519.pub").write_text("old")
    assert "not the public half" in failures(examine())[0]
    (keys / "id_ed25519").write_text("broken")
    assert "cannot be used" in failures(examine())[0]


def test_an_untrusted_certificate_is_told_and_can_be_accepted(examine):
    done = examine(trust=False)
    assert len(failures(done)) == 2
    assert "certificate is not trusted" in failures(done)[0]
    done = examine(trust=False, options=("--insecure",))
    assert failures(done) == []
    assert "/ws/id leads to hbbs (certificate not trusted)" in done.stdout


def test_an_api_that_is_nowhere_is_told(examine):
    done = examine("no https", "no api", options=("--skip", "wss,ports"))
    assert [line[6:17].strip() for line in failures(done)] == ["accounts"]


def test_a_certificate_that_ends_soon_is_told(examine, certificate):
    make_certificate(certificate, days=5)
    try:
        lines = failures(examine())
    finally:
        make_certificate(certificate)
    assert len(lines) == 1
    assert re.search(r"it expires in [45] days\. Renew", lines[0])


def test_redis_is_asked_when_its_url_is_known(examine, tmp_path):
    redis = Redis(tmp_path / "redis")
    try:
        done = examine(options=("--redis-url", redis.url))
        assert failures(done) == []
        assert "ok    redis       it answers" in done.stdout
    finally:
        redis.stop()
    url = f"unix://{tmp_path}/nothing?password=geheim"
    lines = failures(examine(options=("--redis-url", url)))
    assert len(lines) == 1 and "no answer at REDIS_URL" in lines[0]
    assert "geheim" not in lines[0]


def test_checks_can_be_left_out(examine):
    done = examine("no https", "no api",
                   options=("--skip", "wss,ports, key,api", "--key", PUBLIC))
    assert done.returncode == 0
    done = examine("no https", "no udp", options=("--skip", "wss, udp"))
    assert done.returncode == 0


def test_a_name_without_address_ends_the_examination():
    done = utils("doctor", "no-such-host.invalid")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    assert "has no address" in done.stdout


def test_a_silent_server_does_not_hang_the_doctor(examine):
    done = examine("no udp", "no offer",
                   options=("--skip", "wss,relay,signal", "--timeout", "200ms"))
    assert {line[6:17].strip() for line in failures(done)} == \
        {"udp", "server key"}


# ---- health check -----------------------------------------------------------

@pytest.fixture(name="ops")
def ops_server():
    class Handler(http.server.BaseHTTPRequestHandler):
        status = 200

        def do_GET(self):
            self.send_response(self.status if self.path == "/readyz" else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_readiness_is_the_exit_code(ops):
    port = str(ops.server_port)
    done = utils("healthcheck", port)
    assert (done.returncode, done.stdout) == (0, "ready\n")
    ops.RequestHandlerClass.status = 503
    done = utils("healthcheck", port)
    assert done.returncode == 1 and "not ready" in done.stdout


def test_a_service_that_is_down_is_not_ready(ops):
    port = str(ops.server_port)
    ops.shutdown()
    ops.server_close()
    assert utils("healthcheck", port).returncode == 1
