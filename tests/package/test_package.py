"""The Debian package on a machine with systemd: installed, used, upgraded,
removed, purged.

One machine for all: the tests go on where the one before has left it.
"""

import http.client
import os
import re
import shutil
import ssl
import subprocess
import tempfile
import threading
from pathlib import Path

from clients import SERVER, Case
from installed import (OURS, ROOT, STATE, UNITS, WAIT_S, active, key, passes,
                       ready, relayed, until)
from machine import run


def pid(machine, unit):
    return machine.run("systemctl", "show", "-P", "MainPID",
                       f"rustdesk-{unit}").strip()


def test_lintian_and_systemd_find_nothing_to_say(deb):
    lintian = run("lintian", *(["--allow-root"] if os.geteuid() == 0 else []),
                  deb)
    assert not re.search(r"^[EW]:", lintian, re.M), lintian
    with tempfile.TemporaryDirectory() as folder:
        run("dpkg-deb", "-x", deb, folder)
        units = list(Path(folder, "lib/systemd/system").glob("*.service"))
        assert len(units) == 5
        for unit in units:
            for page in re.findall(r"^Documentation=file://(.*)$",
                                   unit.read_text(), re.M):
                assert Path(folder, page[1:]).is_file(), (unit.name, page)
        run("systemd-analyze", "security", "--offline=true", "--threshold=20",
            f"--root={folder}", *(u.name for u in units))


def test_after_installation_everything_runs(machine):
    machine.run("dpkg", "-i", "/srv/first.deb")
    until(lambda: ready(machine))
    assert active(machine) == dict.fromkeys(UNITS, "active")
    assert machine.run("systemctl", "is-enabled", "rustdesk-nginx",
                       check=False).strip() == "disabled"
    assert not machine.run("systemctl", "--failed", "--no-legend").strip()


def test_a_session_passes_and_the_console_is_served(machine, case):
    relayed(case)
    c = http.client.HTTPConnection(SERVER, 21114, timeout=10)
    c.request("GET", "/")
    answer = c.getresponse()
    assert answer.status == 200 and b"<html" in answer.read().lower()


def test_nobody_reads_what_is_not_his(machine):
    for user, path in (("rustdesk-hbbr", f"{STATE}/hbbs/id_ed25519"),
                       ("rustdesk-hbbs", f"{STATE}/api/api_secret"),
                       ("rustdesk-hbbr", "/etc/rustdesk-server/api.conf"),
                       ("nobody", "/etc/rustdesk-server/hbbs.conf"),
                       ("nobody", "/run/rustdesk-redis/redis.sock")):
        said = machine.run("runuser", "-u", user, "--", "stat", "-c%n", path,
                           check=False)
        read = machine.run("runuser", "-u", user, "--", "cat", path,
                           check=False)
        assert "Permission denied" in read, (user, path, said, read)


def test_settings_come_from_the_conffile(machine):
    for name in OURS:
        text = machine.run("cat", f"/etc/rustdesk-server/{name}.conf")
        table = machine.run(f"/usr/lib/rustdesk-server/{name}",
                            "--help-markdown")
        for setting in re.findall(r"^\| `(\w+)`", table, re.M):
            assert re.search(f"^#?{setting} = ?", text, re.M), setting
    machine.run("sed", "-i", "s/^#LOG_LEVEL .*/LOG_LEVEL = loud/",
                "/etc/rustdesk-server/hbbr.conf")
    machine.run("systemctl", "restart", "rustdesk-hbbr", check=False)
    until(lambda: "'loud' is not debug" in machine.run(
        "journalctl", "-u", "rustdesk-hbbr", "--no-pager"))
    machine.run("sed", "-i", "s/^LOG_LEVEL .*/LOG_LEVEL = debug/",
                "/etc/rustdesk-server/hbbr.conf")
    machine.run("systemctl", "restart", "rustdesk-hbbr")
    until(lambda: ready(machine))


def test_the_manual_names_every_setting(machine, deb):
    with tempfile.TemporaryDirectory() as folder:
        run("dpkg-deb", "-x", deb, folder)
        for name in OURS:
            page = {"api": "rustdesk-api"}.get(name, name)
            text = run("zcat", f"{folder}/usr/share/man/man8/{page}.8.gz")
            table = machine.run(f"/usr/lib/rustdesk-server/{name}",
                                "--help-markdown")
            for setting in re.findall(r"^\| `(\w+)`", table, re.M):
                assert setting in text, (page, setting)


def test_root_gets_in_without_settings(machine):
    assert "admin" in machine.run("rustdesk-utils", "admin", "list")


def test_who_may_not_read_the_settings_names_his_redis(machine):
    nobody = ["runuser", "-u", "nobody", "--"]
    url = "redis://127.0.0.1:9"
    for words in (["rustdesk-utils", "admin", "--redis-url", url, "list"],
                  ["env", f"REDIS_URL={url}", "rustdesk-utils", "admin", "list"],
                  ["rustdesk-utils", "admin", "list"]):
        said = machine.run(*nobody, *words, check=False)
        assert "cannot read" not in said and "Redis" in said, said


def test_nginx_when_it_is_wanted(machine):
    machine.run("sed", "-i", f"s/^#SERVER_NAME=.*/SERVER_NAME={SERVER}/",
                "/etc/rustdesk-server/nginx.conf")
    machine.run("systemctl", "enable", "--now", "rustdesk-nginx")

    def version():
        with machine.network():
            c = http.client.HTTPSConnection(
                SERVER, 443, timeout=10,
                context=ssl._create_unverified_context())
            c.request("GET", "/api/version")
            return c.getresponse().status == 200

    until(version)


def test_an_upgrade_waits_for_sessions_and_keeps_everything(machine, case):
    before = {u: pid(machine, u) for u in UNITS}
    old_key = key(machine)
    session, served = relayed(case)
    upgrade = subprocess.Popen(
        machine.command("dpkg", "--force-confold", "-i", "/srv/second.deb"),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    said = []
    reader = threading.Thread(target=lambda: said.append(
        upgrade.stdout.read()))
    reader.start()
    try:
        until(lambda: "draining" in machine.run(
            "journalctl", "-u", "rustdesk-hbbr", "--no-pager"))
        passes(session, served, 2)
        assert pid(machine, "hbbr") == before["hbbr"]
        session.close()
        served.close()
    finally:
        code = upgrade.wait(WAIT_S)
        reader.join()
    assert code == 0, said
    until(lambda: ready(machine))
    after = {u: pid(machine, u) for u in UNITS}
    assert {u for u in UNITS if after[u] == before[u]} == {"redis"}
    assert key(machine) == old_key
    assert "LOG_LEVEL = debug" in machine.run(
        "cat", "/etc/rustdesk-server/hbbr.conf")
    assert machine.run("systemctl", "is-active",
                       "rustdesk-nginx").strip() == "active"
    relayed(case)


def test_a_removal_keeps_data_and_settings(machine):
    machine.run("dpkg", "-r", "rustdesk-server")
    assert set(active(machine).values()) == {"inactive"}
    assert machine.run("sh", "-c", "cat /proc/[0-9]*/comm | "
                       "grep -cx nginx || true").strip() == "0"
    machine.run("test", "-e", f"{STATE}/hbbs/id_ed25519")
    machine.run("test", "-e", "/etc/rustdesk-server/hbbs.conf")
    machine.run("dpkg", "-i", "/srv/second.deb")
    until(lambda: ready(machine))


def test_purge_takes_everything(machine):
    machine.run("dpkg", "-P", "rustdesk-server")
    left = machine.run("sh", "-c", f"ls -d {STATE} /etc/rustdesk-server "
                       "/run/rustdesk-redis 2>/dev/null || true")
    assert left == ""


def plain(machine, deb):
    """The programs and units as docs/deploy.md has them without a package."""
    root = machine.root
    for name in OURS:           # the package's users
        machine.run("userdel", f"rustdesk-{name}")
    with tempfile.TemporaryDirectory() as folder:
        run("dpkg-deb", "-x", deb, folder)
        for program in (*OURS, "rustdesk-utils"):
            shutil.copy(Path(folder, "usr/lib/rustdesk-server", program),
                        root / "usr/local/bin")
    for name in OURS:
        shutil.copy(ROOT / f"packaging/systemd/{name}.service",
                    root / "etc/systemd/system")
    machine.run("systemctl", "daemon-reload")


def test_with_the_plain_units_hbbr_gets_the_key_of_hbbs(machine, deb):
    plain(machine, deb)
    machine.run("systemctl", "start", "redis-server", "hbbr")
    until(lambda: "id_ed25519.pub" in machine.run(
        "journalctl", "-u", "hbbr", "--no-pager"))      # it waits for it
    machine.run("systemctl", "start", "hbbs", "api")
    until(lambda: ready(machine))
    own = machine.run("cat", "/run/rustdesk/key").strip()
    assert own == machine.run("cat", "/var/lib/rustdesk-hbbr/"
                              "id_ed25519.pub").strip()
    machine.run("systemctl", "restart", "hbbr", "hbbs")
    until(lambda: ready(machine))
    with machine.network():
        case = Case(own, None)
        relayed(case)
        case.closers.close()
    assert "Permission denied" in machine.run(
        "runuser", "-u", "nobody", "--", "cat",
        "/var/lib/rustdesk-hbbs/id_ed25519", check=False)


def test_with_the_plain_units_a_key_that_was_copied_stays(machine):
    path = "/var/lib/rustdesk-hbbr/id_ed25519.pub"
    machine.run("sh", "-c", f"rm {path}; echo another >{path}")
    machine.run("systemctl", "restart", "hbbr", check=False)
    until(lambda: "is not a public key" in machine.run(
        "journalctl", "-u", "hbbr", "--no-pager"))
    assert machine.run("cat", path) == "another\n"
