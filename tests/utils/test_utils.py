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

from fake import PUBLIC, SECRET
from program import utils

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
