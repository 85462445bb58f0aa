"""The machine: its own network namespace, what the CPUs did, what it is."""

import contextlib
import json
import os
import platform
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

HOST = "10.0.0.1"       # the servers; clients have the rest of 10.0.0.0/8
FOREIGN_MAX = 0.20      # cores; beyond this a run is called dirty
STEAL_MAX = 0.15
TICK = os.sysconf("SC_CLK_TCK")


def enter_namespace(marker="BENCH_INSIDE"):
    """Runs the program again in a network namespace of its own."""
    if os.environ.get(marker):
        for words in ("link set lo up", f"addr add {HOST}/32 dev lo",
                      f"route add local 10.0.0.0/8 dev lo src {HOST}"):
            subprocess.run(["ip", *words.split()], check=True)
        return
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    if subprocess.run(["unshare", *user, "--net", "true"],
                      stderr=subprocess.DEVNULL).returncode:
        sys.exit("bench: a network namespace cannot be made here; run it as "
                 "root")
    os.environ[marker] = "1"
    os.execvp("unshare", ["unshare", *user, "--net", sys.executable,
                          *sys.argv])


def descriptors():
    """Raises this process's limit as far as it goes, for its children."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        most = int(Path("/proc/sys/fs/nr_open").read_text())
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        return most
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


class Box:
    """Memory of MIB at most for who enters, kernel's included: a control
    group, as a container has one. OSError where none can be made."""

    V1, V2 = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")

    def __init__(self, mib):
        root, limit, peak = (
            (self.V1, "memory.limit_in_bytes", "memory.max_usage_in_bytes")
            if self.V1.is_dir() else (self.V2, "memory.max", "memory.peak"))
        self.folder = root / f"bench-{os.getpid()}"
        self.peak_file = self.folder / peak
        self.folder.mkdir()
        try:
            (self.folder / limit).write_text(str(mib << 20))
        except OSError:
            self.remove()
            raise

    def enter(self, argv):
        """ARGV, to be run inside."""
        return ["sh", "-c", 'echo $$ >"$0" && exec "$@"',
                self.folder / "cgroup.procs", *argv]

    def peak(self):
        return int(self.peak_file.read_text())

    def remove(self):
        self.folder.rmdir()


def cpu_of(pid):
    """CPU seconds of a process, without what the host stole."""
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with contextlib.suppress(OSError):
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def descendants(pid):
    """PID and every process that comes from it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name before it may hold anything, brackets too.
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            parents.setdefault(parent, []).append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def rss(pid):
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) * 1024


class Sample:
    """What the machine did while the block ran."""

    def __init__(self, pids):
        self.pids = pids

    def _now(self):
        words = Path("/proc/stat").read_text().split("\n")[0].split()[1:]
        user, nice, system, _, _, irq, softirq, steal = map(int, words[:8])
        mine = resource.getrusage(resource.RUSAGE_CHILDREN)
        me = resource.getrusage(resource.RUSAGE_SELF)
        own = sum(u.ru_utime + u.ru_stime for u in (mine, me))
        own += sum(cpu_of(p) for p in self.pids())
        return ((user + nice + system + irq + softirq) / TICK, steal / TICK,
                own, time.monotonic())

    def __enter__(self):
        self.start = self._now()
        return self

    def __exit__(self, *_):
        busy, steal, own, took = (b - a for a, b in
                                  zip(self.start, self._now()))
        self.steal = steal / took
        self.foreign = max(0.0, busy - own) / took
        self.dirty = (self.foreign > FOREIGN_MAX or self.steal > STEAL_MAX)


def _version(argv):
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return "absent"
    return done.stdout.strip().split("\n")[0][:80]


def describe(bin_folder, limit):
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)",
                       Path("/proc/meminfo").read_text())
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"],
                            stdout=subprocess.PIPE, text=True).stdout.strip()
    return {
        "processors": f"{os.cpu_count()} x {cpu[1] if cpu else 'unknown'}",
        "memory": f"{int(memory[1]) // 1048576} GiB",
        "kernel": platform.release(),
        "descriptors of a process": str(limit),
        "hbbs": _version([bin_folder / "hbbs", "--version"]) + " " + commit,
        "redis-server": _version(["redis-server", "--version"]),
        "haproxy": _version(["haproxy", "-v"]),
    }


def run_load(program, mode, **words):
    """Runs a load generator; returns what it printed."""
    argv = [str(program), mode, *(f"{k}={v}" for k, v in words.items())]
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.PIPE, timeout=1200)
    if done.returncode and not done.stdout:
        raise RuntimeError(f"{' '.join(argv[1:])}: {done.stderr.strip()}")
    return json.loads(done.stdout)
