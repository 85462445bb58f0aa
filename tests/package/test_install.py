"""tools/install on a machine with systemd, which is left without the package."""

import http.client
import os
import pty
import re
import shutil
import socket
import ssl
import subprocess

import pytest
import refdb
from clients import SERVER, Case
from installed import (OURS, ROOT, STATE, UNITS, active, key, ready, relayed,
                       until)
from machine import RUN_S, run

SCRIPT = ROOT / "tools/install"
UTILS = ROOT / "build/release/bin/rustdesk-utils"
PAIR = re.compile(r": *(\S{44,})$", re.M)      # the public half first
OLD = STATE         # where the reference server's own packages have its data
FIRST, SECOND = "/srv/first.deb", "/srv/second.deb"
NONE = dict.fromkeys(UNITS, "inactive")


def refused(*arguments, **env):
    done = subprocess.run([SCRIPT, *arguments], text=True, check=False,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          env={**os.environ, **env})
    assert done.returncode == 1 and not done.stdout
    return done.stderr


@pytest.mark.parametrize("arguments, word", [
    (["--purge-all"], "--purge-all"), (["rd.example.com"], "rd.example.com"),
    (["SERVER=rd.example.com"], "SERVER"), (["--upgrade", "--uninstall"], "--uninstall"),
    (["--purge"], "--purge"), (["--upgrade", "--import", "/"], "--import"),
    (["--import"], "--import"), (["--import", "/nowhere"], "/nowhere"),
    (["/nowhere.deb"], "/nowhere.deb"), (["--uninstall", "x.deb"], "x.deb"),
    (["YES=maybe"], "maybe"), (["NGINX=no"], "NGINX"),
    (["SERVER_NAME=https://rd.example.com"], "https://rd.example.com"),
    (["SERVER_NAME=a.example b.example"], "a.example b.example"),
    (["SERVER_NAME=rd.example.com\nUSER=root"], "SERVER_NAME"),
    (["ACME_EMAIL=admin"], "'admin'"), (["ACME_EMAIL=a|b@example.com"], "ACME_EMAIL")])
def test_a_wrong_argument_is_refused_by_its_name(arguments, word):
    assert word in refused(*arguments)


@pytest.mark.parametrize("name", ["ACME_MAIL", "SERVER_NAMES"])
def test_a_variable_that_there_is_not_is_refused_by_its_name(name):
    assert name in refused(**{name: "x"})


def test_what_is_no_package_is_refused_by_its_name(tmp_path):
    (tmp_path / "some.deb").write_text("")
    assert "some.deb is no Debian package" in refused(tmp_path / "some.deb")


def test_a_package_for_another_processor_is_refused_by_its_name(tmp_path):
    control = tmp_path / "tree/DEBIAN/control"
    control.parent.mkdir(parents=True)
    control.write_text("Package: rustdesk-server\nVersion: 1\nArchitecture: s390x\n"
                       "Maintainer: x <x@example.com>\nDescription: x\n")
    run("dpkg-deb", "-b", tmp_path / "tree", tmp_path / "some.deb")
    assert "some.deb is for s390x" in refused(tmp_path / "some.deb")


def test_shellcheck_finds_nothing_to_say():
    run("shellcheck", SCRIPT)


@pytest.fixture(name="script", scope="module")
def copied(machine):
    """Calls it there, outside of a source tree and without a terminal."""
    shutil.copy(SCRIPT, machine.root / "srv/install")

    def call(*arguments, code=0):
        done = subprocess.run(
            machine.command("/srv/install", *arguments), text=True,
            check=False, timeout=RUN_S, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == code, done.stdout
        return done.stdout
    return call


def asked(machine, answers, *arguments):
    """Calls it on a terminal; how often it asked, and what it said."""
    outer, inner = pty.openpty()
    os.write(outer, answers.encode())
    done = subprocess.run(
        machine.command("/srv/install", *arguments), text=True, check=False,
        timeout=RUN_S, stdin=inner, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    os.close(inner)
    os.close(outer)
    assert done.returncode == 0, done.stdout
    return done.stdout.count("]: "), done.stdout


def nothing_was_done(machine):
    assert active(machine) == NONE
    machine.run("test", "!", "-e", "/etc/rustdesk-server")


def test_without_a_terminal_it_wants_to_be_told(machine, script):
    assert "SERVER_NAME" in script(FIRST, code=1)
    assert "ACME_EMAIL" in script("SERVER_NAME=rd.example.com", FIRST, code=1)
    assert "no authority" in script(
        "SERVER_NAME=192.0.2.7", "ACME_EMAIL=a@example.com", FIRST, code=1)
    assert "no package given" in script("YES=y", code=1)
    for option in ("--upgrade", "--uninstall"):
        assert "is not installed" in script(option, "YES=y", code=1)
    nothing_was_done(machine)


def test_a_port_that_is_taken_is_named(machine, script):
    with machine.network(), socket.create_server(("", 21117)):
        assert "port 21117" in script("YES=y", FIRST, code=1)
    nothing_was_done(machine)


def test_an_nginx_that_is_there_is_left_alone(machine, script):
    machine.run("systemctl", "start", "nginx")
    questions, said = asked(machine, f"{SERVER}\n", FIRST)
    assert questions == 1, said
    until(lambda: ready(machine))
    assert machine.run("systemctl", "is-active", "nginx").strip() == "active"
    assert machine.run("systemctl", "is-enabled", "rustdesk-nginx",
                       check=False).strip() == "disabled"
    assert "ports 80 and 443 are taken and were left alone" in said
    assert f"http://{SERVER}:21114" in said and "NGINX=replace" in said
    assert key(machine) in said
    assert f"sudo cat {STATE}/api/admin_password" in said
    text = machine.run("rustdesk-utils", "config", "--data-dir",
                       f"{STATE}/public", "--api", f"http://{SERVER}:21114",
                       SERVER).strip()
    assert text in said
    with machine.network():
        case = Case(key(machine), None)
        relayed(case)
        case.closers.close()


def answers_over_tls(machine):
    with machine.network():
        c = http.client.HTTPSConnection(
            SERVER, 443, timeout=10, context=ssl._create_unverified_context())
        c.request("GET", "/api/version")
        return c.getresponse().status == 200


def test_called_again_it_changes_the_name_and_replaces_nginx_on_demand(
        machine, script):
    questions, _ = asked(machine, "rd.example.com\n\n", "NGINX=replace")
    assert questions == 2
    said = script(f"SERVER_NAME={SERVER},rd.example.com", "ACME_EMAIL=")
    assert machine.run("systemctl", "is-enabled", "nginx",
                       check=False).strip() == "disabled"
    until(lambda: answers_over_tls(machine))
    assert f"https://{SERVER} " in said and "left alone" not in said
    assert f"\nSERVER_NAME={SERVER},rd.example.com\n" in machine.run(
        "cat", "/etc/rustdesk-server/nginx.conf")
    assert f"\nPUBLIC_NAMES = {SERVER},rd.example.com\n" in machine.run(
        "cat", "/etc/rustdesk-server/api.conf")
    assert machine.run("stat", "-c%U:%G %a", "/etc/rustdesk-server/api.conf"
                       ).strip() == "root:rustdesk-api 640"


def test_an_upgrade_keeps_key_and_settings(machine, script):
    before = key(machine)
    assert "--upgrade" in script("YES=y", SECOND, code=1)
    assert "+next" in script("--upgrade", SECOND)
    assert key(machine) == before
    assert "PUBLIC_NAMES = " in machine.run(
        "cat", "/etc/rustdesk-server/api.conf")
    until(lambda: answers_over_tls(machine))


def test_it_removes_programs_and_on_demand_data(machine, script):
    script("--uninstall")
    assert active(machine) == NONE
    machine.run("test", "-e", f"{STATE}/hbbs/id_ed25519")
    assert "YES=y" in script("--uninstall", "--purge", code=1)
    machine.run("test", "-e", f"{STATE}/hbbs/id_ed25519")
    script("--uninstall", "--purge", "YES=y")
    machine.run("test", "!", "-e", STATE)
    nothing_was_done(machine)


def test_a_reference_server_moves_in_with_its_key(machine, script):
    folder = machine.root / OLD[1:]
    folder.mkdir()
    public, secret = PAIR.findall(run(UTILS, "genkeypair"))
    (folder / "id_ed25519").write_text(secret)
    (folder / "id_ed25519.pub").write_text(public)
    refdb.create(folder / "db_v2.sqlite3", [refdb.row("123456789")])
    said = script("SERVER_NAME=" + SERVER, "ACME_EMAIL=", "--import", OLD, FIRST)
    assert "imported   1 new peer" in said and public in said
    assert key(machine) == public
    until(lambda: answers_over_tls(machine))
    for name in OURS:
        machine.run("rustdesk-utils", "healthcheck", name)
    assert machine.run("stat", "-c%U %a", f"{STATE}/hbbs/id_ed25519"
                       ).strip() == "rustdesk-hbbs 600"
    # What is there already does not come back, and nobody is interrupted.
    before = machine.run("systemctl", "show", "-P", "MainPID", "rustdesk-hbbs")
    said = script("SERVER_NAME=" + SERVER, "ACME_EMAIL=", "--import", OLD)
    assert "taken over already" in said and "imported" not in said.replace(
        f"{STATE}/imported", "")
    assert before == machine.run("systemctl", "show", "-P", "MainPID",
                                 "rustdesk-hbbs")
    # Who has clients already does not lose their key to another folder's.
    other = run(UTILS, "genkeypair")
    for name, text in zip(("id_ed25519.pub", "id_ed25519"), PAIR.findall(other)):
        (folder / name).write_text(text)
    (folder / "db_v2.sqlite3").unlink()
    refdb.create(folder / "db_v2.sqlite3", [refdb.row("987654321"),
                                            refdb.row("short")])
    said = script("SERVER_NAME=" + SERVER, "ACME_EMAIL=", "--import", OLD, code=1)
    assert "not everything was taken over" in said
    assert key(machine) == public
    with machine.network():
        case = Case(public, None)
        relayed(case)
        case.closers.close()


def test_it_leaves_nothing(machine, script):
    script("--uninstall", "--purge", "YES=y")
    nothing_was_done(machine)
    machine.run("test", "!", "-e", STATE)
