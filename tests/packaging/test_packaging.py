"""The systemd units and the seccomp profile: as tight as they say, and the
programs run under them."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
import yaml

import confine

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROFILE = ROOT / "packaging/seccomp.json"
UNITS = sorted((ROOT / "packaging/systemd").glob("*.service"))
BIN = pathlib.Path(os.environ.get("STACK_BIN", ROOT / "build/release/bin"))
CONFINE = pathlib.Path(__file__).with_name("confine.py")
SIGSYS = 31


def systemd_version():
    if not shutil.which("systemd-analyze"):
        return 0
    text = subprocess.run(["systemd-analyze", "--version"], text=True,
                          stdout=subprocess.PIPE, check=True).stdout
    return int(re.search(r"systemd (\d+)", text)[1])


needs_systemd = pytest.mark.skipif(
    systemd_version() < 250, reason="systemd-analyze of systemd 250 or later")


def can_confine():
    try:
        confine.library()
    except OSError:
        return False
    return subprocess.run([sys.executable, CONFINE, PROFILE, "/bin/true"],
                          capture_output=True).returncode == 0


needs_seccomp = pytest.mark.skipif(not can_confine(),
                                   reason="libseccomp.so.2 and a kernel with it")


def values(unit, name):
    return re.findall(rf"^{name}=(.*)$", unit.read_text(), re.M)


# --- systemd ----------------------------------------------------------------

def test_there_is_a_unit_for_each_server():
    assert [u.stem for u in UNITS] == ["api", "hbbr", "hbbs"]


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda u: u.stem)
def test_a_unit_is_exposed_to_at_most_2_of_10(unit):
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager",
         "--threshold=20", unit], text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Overall exposure level for \S+ [01]\.\d", done.stdout), done.stdout


def test_only_hbbs_can_read_the_secret_key():
    for unit in UNITS:
        assert values(unit, "DynamicUser") == ["yes"]
        assert values(unit, "StateDirectoryMode") == ["0700"]
        assert values(unit, "User") == values(unit, "StateDirectory") == [f"rustdesk-{unit.stem}"]


def test_the_public_key_is_where_another_user_gets_in():
    """systemd puts a folder of a dynamic user that it keeps below /run/private."""
    by_name = {u.stem: u for u in UNITS}
    assert values(by_name["hbbs"], "RuntimeDirectory") == ["rustdesk"]
    assert values(by_name["hbbs"], "RuntimeDirectoryMode") == ["0755"]
    assert values(by_name["hbbs"], "RuntimeDirectoryPreserve") == []
    assert "PUBLISH_KEY=/run/rustdesk/key" in by_name["hbbs"].read_text()
    assert "/run/rustdesk/key" in values(by_name["hbbr"], "ExecStartPre")[0]


def filter_of(unit):
    """The system calls of SystemCallFilter, by systemd's own sets."""
    sets, name = {}, None
    text = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager"],
                          text=True, stdout=subprocess.PIPE, check=True).stdout
    for line in text.splitlines():
        if line.startswith("#"):
            break               # what the kernel has and no set names
        if re.match(r"@", line):
            name = line.strip()
            sets[name] = []
        elif line.strip() and not line.strip().startswith("#"):
            sets[name].append(line.strip())

    def expand(word):
        if word not in sets:
            return {word}
        return set().union(*map(expand, sets[word]))
    # systemd lets every program use these
    allowed = expand("@default")
    for line in values(unit, "SystemCallFilter"):
        named = set().union(*map(expand, line.lstrip("~").split()))
        allowed = allowed - named if line.startswith("~") else allowed | named
    # of prlimit64 it denies nothing; setting more than LimitNOFILE fails
    return ",".join(sorted(allowed | {"execve"}))


# --- containers -------------------------------------------------------------

@pytest.mark.parametrize("path", ["docker-compose.yml", "docs/scale/docker-compose.yml"])
def test_every_container_is_confined_and_ours_by_the_profile(path):
    for name, s in yaml.safe_load((ROOT / path).read_text())["services"].items():
        assert s["read_only"] is True and s["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in s["security_opt"], name
        assert "privileged" not in s and "cap_add" not in s, name
        ours = name.rstrip("2") in ("hbbs", "hbbr", "api")
        assert ("seccomp:${SECCOMP:-packaging/seccomp.json}" in s["security_opt"]) == ours
        assert not [o for o in s["security_opt"] if "unconfined" in o], name


def test_the_profile_is_a_list_of_what_is_allowed():
    doc = json.loads(PROFILE.read_text())
    assert doc["defaultAction"] == "SCMP_ACT_ERRNO" and doc["defaultErrnoRet"] == 1
    assert not any(a["subArchitectures"] for a in doc["archMap"])
    names = [n for r in doc["syscalls"] for n in r["names"]]
    once = [n for n in names if n != "socket"]
    assert len(once) == len(set(once))
    for n in names:
        assert re.fullmatch(r"[a-z0-9_]+", n)


@needs_seccomp
def test_every_name_in_the_profile_is_a_system_call():
    lib = confine.library()
    for rule in confine.profile(str(PROFILE)):
        for name in rule["names"]:
            assert lib.seccomp_syscall_resolve_name(name.encode()) != -1, name


FORBIDDEN = ("unshare setns mount umount2 pivot_root chroot ptrace bpf keyctl add_key "
             "request_key perf_event_open userfaultfd io_uring_setup process_vm_readv "
             "process_vm_writev init_module finit_module delete_module kexec_load reboot swapon "
             "personality quotactl acct settimeofday clock_settime mknod name_to_handle_at "
             "open_by_handle_at move_mount fsopen landlock_create_ruleset").split()


@needs_seccomp
@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_no_server_needs_is_not_allowed(name):
    number = confine.library().seccomp_syscall_resolve_name(name.encode())
    code = f"import ctypes; ctypes.CDLL(None).syscall({number}, 0, 0, 0, 0, 0, 0)"
    done = subprocess.run([sys.executable, CONFINE, PROFILE, sys.executable, "-c", code])
    assert done.returncode == -SIGSYS, name


@needs_seccomp
def test_other_sockets_and_new_namespaces_are_not_allowed():
    def under(code):
        return subprocess.run([sys.executable, CONFINE, PROFILE, sys.executable, "-c", code],
                              capture_output=True).returncode
    for family in (1, 2, 10, 16):
        assert under(f"import socket; socket.socket({family}, socket.SOCK_DGRAM)") == 0, family
    for family in (17, 38, 40):  # packets, the kernel's cryptography, virtual machines
        assert under(f"import socket; socket.socket({family}, socket.SOCK_DGRAM)") == -SIGSYS
    clone = confine.library().seccomp_syscall_resolve_name(b"clone")
    call = "import ctypes; ctypes.CDLL(None).syscall(%d, %d, 0, 0, 0, 0)"
    assert under(call % (clone, 0x10000000 | 17)) == -SIGSYS  # CLONE_NEWUSER
    assert under("import threading; t = threading.Thread(target=print); t.start(); t.join()") == 0


# --- the programs under both ------------------------------------------------

def wrapped(folder, rules):
    """A folder of programs like BIN that run under RULES."""
    for program in ("hbbs", "hbbr", "api", "rustdesk-utils"):
        path = folder / program
        path.write_text(f'#!/bin/sh\nexec {sys.executable} {CONFINE} "{rules}" {BIN / program} "$@"\n')
        path.chmod(0o755)
    return folder


CONFORMANCE = ("test_case_029 or test_case_045 or test_case_049 or test_case_102 or "
               "test_case_109 or test_case_112 or test_case_121 or test_case_132")
API = ["tests/api/test_recordings.py::test_recordings_in_the_documented_call_sequence",
       "tests/api/test_web_pages.py", "tests/api/test_outages.py::test_without_redis_each_caller_gets_what_is_harmless"]


def run_under(folder, rules):
    bin = wrapped(folder, rules)
    for argv, env in ((["tests/conformance", "--bin", bin, "-k", CONFORMANCE], {}),
                      (API, {"API_BINARY": str(bin / "api")})):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *argv],
            cwd=ROOT, env={**os.environ, **env}, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=600)
        assert done.returncode == 0, done.stdout[-5000:]
    for program in ("hbbs", "hbbr", "api", "rustdesk-utils"):
        assert subprocess.run([bin / program, "--help"], capture_output=True).returncode == 0


@needs_seccomp
def test_the_programs_do_without_what_the_profile_does_not_allow(tmp_path):
    run_under(tmp_path, PROFILE)


@needs_seccomp
@needs_systemd
def test_the_programs_do_without_what_the_units_do_not_allow(tmp_path):
    filters = {filter_of(u) for u in UNITS}
    assert len(filters) == 1
    run_under(tmp_path, filters.pop())
