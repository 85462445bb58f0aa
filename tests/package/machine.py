"""A Debian 12 with systemd, in namespaces of its own.

Its network is a loopback alone; what it installs was put there before it
starts. It ends with stop(), and with this process in any case.
"""

import contextlib
import ctypes
import os
import shutil
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
START_S, RUN_S = 90, 300
CLONE_NEWNET = 0x40000000
ENTER = ["--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup"]


class Unusable(Exception):
    """Why there can be no such machine here."""


def cgroup2():
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, folder, kind, options, *_ = line.split()
        if kind == "cgroup2" and "rw" in options.split(","):
            return Path(folder)
    raise Unusable("no cgroup2 is mounted")


def run(*argv, timeout=RUN_S, **more):
    done = subprocess.run([str(a) for a in argv], text=True, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=timeout, **more)
    assert done.returncode == 0, (
        f"{' '.join(map(str, argv))}: {done.returncode}\n"
        f"{done.stdout[-5000:]}")
    return done.stdout


class Machine:
    def __init__(self, root):
        self.root = root
        self.group = cgroup2() / f"package-test.{os.getpid()}"
        self.log = root.parent / "machine.log"
        self.child = self.init = None

    def start(self):
        self.group.mkdir()
        with open(self.log, "wb") as log:
            self.child = subprocess.Popen(
                [HERE / "boot", self.root, self.group],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._until(self._find_init, "no init process")
        self._until(lambda: self.state() in ("running", "degraded"),
                    "systemd does not come up")
        # Every address that a test gives to clients and server is its own.
        for net in ("198.51.100.0/24", "198.18.0.0/15"):
            run("nsenter", f"--net=/proc/{self.init}/ns/net", "ip", "route",
                "add", "local", net, "dev", "lo")
        return self

    def _until(self, what, failure):
        end = time.monotonic() + START_S
        while not what():
            if self.child.poll() is not None or time.monotonic() > end:
                said = self.log.read_text(errors="replace")[-2000:]
                self.stop()
                raise Unusable(f"{failure}: {said}")
            time.sleep(0.1)

    def _find_init(self):
        """The process that is number 1 inside."""
        task = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children")
        children = task.read_text().split() if task.exists() else []
        if not children:
            return False
        comm = Path(f"/proc/{children[0]}/comm").read_text().strip()
        self.init = children[0] if comm == "systemd" else None
        return self.init is not None

    def state(self):
        return self.run("systemctl", "is-system-running", check=False).strip()

    def command(self, *argv):
        return ["nsenter", f"--target={self.init}", *ENTER, "env", "-i",
                "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "DEBIAN_FRONTEND=noninteractive", *map(str, argv)]

    def run(self, *argv, check=True, **more):
        if check:
            return run(*self.command(*argv), **more)
        return subprocess.run(
            self.command(*argv), text=True, check=False, timeout=RUN_S,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, **more).stdout

    @contextlib.contextmanager
    def network(self):
        """This thread's new sockets are the machine's."""
        libc = ctypes.CDLL(None, use_errno=True)
        own, its = (os.open(path, os.O_RDONLY) for path in (
            "/proc/thread-self/ns/net", f"/proc/{self.init}/ns/net"))
        try:
            if libc.setns(its, CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
            yield
        finally:
            libc.setns(own, CLONE_NEWNET)
            os.close(own)
            os.close(its)

    def stop(self):
        """Ends every process of the machine and its group."""
        if self.child:
            self.child.kill()
            self.child.wait()
            self.child = None
        (self.group / "cgroup.kill").write_text("1")
        groups = sorted((p for p in self.group.rglob("*") if p.is_dir()),
                        key=lambda p: -len(p.parts))
        end = time.monotonic() + START_S
        for group in [*groups, self.group]:
            while group.exists():
                try:
                    group.rmdir()
                except OSError:         # its processes are still ending
                    if time.monotonic() > end:
                        raise
                    time.sleep(0.05)


def template(archive, depends):
    """A root file system with systemd and what the package needs; kept as
    ARCHIVE for a week, as tools/base-images does."""
    week = 7 * 24 * 3600
    wanted = archive.with_suffix(".depends")
    if archive.exists() and wanted.exists() and (
            wanted.read_text() == depends
            and time.time() - archive.stat().st_mtime < week):
        return
    archive.parent.mkdir(parents=True, exist_ok=True)
    root = Path(archive.with_suffix(".root"))
    shutil.rmtree(root, ignore_errors=True)
    try:
        run(HERE / "make-root", root, depends, timeout=900)
        run("tar", "-C", root, "--numeric-owner", "-cf", archive, ".")
        wanted.write_text(depends)
    finally:
        shutil.rmtree(root, ignore_errors=True)
