#!/usr/bin/python3
"""Runs every test this machine can run (`make test`).

usage: run_tests.py [STAGE...]

Each stage is a command; its output goes to build/test/<stage>.log and what
matters of it to the terminal. First what is built, one after the other; then,
side by side, the stages that talk to servers, which have deadlines, and the
others; then those that want the machine for themselves; then what failed, if
it was little, gets a second look (second_look.py). The last line counts the
tests of all stages.
"""

import concurrent.futures
import dataclasses
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import second_look

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "test"
JOBS = str(min(os.cpu_count() or 1, 4))
PYTEST = ["/usr/bin/python3", "-m", "pytest", "-q", "-rfEs", "-p",
          "no:cacheprovider", "--color=no"]

# What test runners say at their end, and what none may say.
SUMMARY = re.compile(r"\b(\d+) (passed|failed|errors?|skipped|xfailed)\b")
CLOSING = re.compile(r"^=*\s*\d+ (passed|failed|error|skipped).*$", re.M)
SKIPPED = re.compile(r"^(?:SKIPPED|XFAIL) .*(?:\n  .*)?", re.M)
FAILED = re.compile(r"^(?:FAILED|ERROR|FAIL|not ok) .*", re.M)
# Node's runner, as TAP; a stage may run it several times.
TAP = re.compile(r"^# (pass|fail|cancelled|skipped|todo) (\d+)$", re.M)
SANITIZER = re.compile(r"(Address|Leak|Thread|UndefinedBehavior)Sanitizer|"
                       r"runtime error:")


# What a Debian package is recognised by: a program, or a module of Python.
PACKAGES = {
    "chromium": "chromium", "clang": "clang", "coturn": "turnserver",
    "clang-format-14": "clang-format-14", "clang-tidy-14": "clang-tidy-14",
    "debhelper": "dh", "debootstrap": "debootstrap", "iproute2": "ip",
    "lintian": "lintian", "nginx": "nginx", "nodejs": "node",
    "prometheus": "promtool", "redis-server": "redis-server",
    "shellcheck": "shellcheck", "slapd": "slapd",
    "python3-aiortc": "import aiortc",
    "python3-kubernetes": "import kubernetes",
    "python3-nacl": "import nacl", "python3-pytest": "import pytest",
    "python3-requests": "import requests",
}
# What the stages need beside a compiler, by how their names begin.
NEEDED = {
    "build-clang": "clang", "analyze": "clang", "lint": "clang-format-14",
    "tidy": "clang-tidy-14", "unit": "redis-server",
    "utils": "python3-pytest redis-server",
    "api": "coturn python3-pytest python3-requests redis-server slapd",
    "nginx": "python3-pytest nginx", "web": "nodejs",
    "web-console": "nodejs chromium redis-server",
    "web-client": "nodejs chromium python3-aiortc redis-server",
    "docs": "python3-pytest", "k8s": "python3-pytest python3-kubernetes",
    "monitoring": "python3-pytest prometheus",
    "conformance": "python3-pytest python3-nacl redis-server iproute2",
    "nodes": "python3-pytest python3-nacl redis-server iproute2",
    "package": "python3-pytest python3-nacl debhelper debootstrap lintian "
               "shellcheck",
    "proxies": "python3-pytest python3-nacl redis-server",
}


@dataclasses.dataclass
class Stage:
    name: str
    argv: list
    minutes: int            # it is ended beyond this
    counted: bool = False   # it says "N passed, ..."; else it is one test
    env: dict = dataclasses.field(default_factory=dict)
    needs: str = ""         # a file without which there is nothing to run
    first: bool = False     # others use what it builds
    talks: bool = False     # to servers, which must answer in time
    alone: bool = False     # it measures, loads or owns the machine


@dataclasses.dataclass
class Result:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    names: list = dataclasses.field(default_factory=list)   # what failed
    broken: list = dataclasses.field(default_factory=list)  # (stage, result)
    text: str = ""          # what the stage said

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.names += other.names
        self.broken += other.broken

    def __str__(self):
        return (f"{self.passed} passed, {self.failed} failed, "
                f"{self.skipped} skipped")


def is_there(package):
    word = PACKAGES[package]
    if word.startswith("import "):
        return importlib.util.find_spec(word.split()[1]) is not None
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return shutil.which(word, path=path) is not None


def lacking(name):
    """The Debian packages that stage NAME needs and this machine has not."""
    wanted = max((key for key in NEEDED
                  if name == key or name.startswith(key + "-")),
                 key=len, default=None)
    return [p for p in NEEDED.get(wanted, "").split() if not is_there(p)]


def make(*arguments):
    return ["make", "--no-print-directory", f"-j{JOBS}", *arguments]


def stages():
    return [
        Stage("build", make("all"), 15, first=True),
        Stage("build-clang", make("CC=clang", "B=build/clang", "all"), 15,
              first=True),
        Stage("build-asan", make("PROFILE=asan", "all"), 15, first=True),
        Stage("build-tsan", make("PROFILE=tsan", "all"), 15, first=True),
        Stage("web", make("web"), 10, first=True),
        Stage("web-unit", make("web-test"), 5, True),
        Stage("lint", make("lint"), 5),
        Stage("lint-rules", [*PYTEST, "tests/lint"], 5, True),
        Stage("analyze", make("analyze"), 20),
        Stage("tidy", make("tidy"), 15),
        Stage("unit", make("unit"), 15, True),
        Stage("unit-asan", make("PROFILE=asan", "unit"), 20, True),
        Stage("unit-tsan", make("PROFILE=tsan", "unit"), 20, True),
        Stage("fuzz-replay", make("PROFILE=asan", "fuzz-replay"), 15),
        Stage("utils", [*PYTEST, "tests/utils"], 10, True),
        Stage("utils-asan", [*PYTEST, "tests/utils"], 10, True,
              {"UTILS_BIN": str(ROOT / "build/asan/bin")}),
        Stage("api", [*PYTEST, "tests/api"], 15, True,
              talks=True),
        Stage("api-asan", [*PYTEST, "tests/api"], 20, True,
              {"API_BINARY": str(ROOT / "build/asan/bin/api")},
              talks=True),
        Stage("nginx", [*PYTEST, "tests/nginx"], 10, True),
        Stage("proxies", [*PYTEST, "tests/proxies"], 5, True, talks=True),
        Stage("docs", [*PYTEST, "tests/docs"], 5, True),
        Stage("k8s", [*PYTEST, "tests/k8s"], 25, True),
        Stage("monitoring", [*PYTEST, "tests/monitoring"], 5, True),
        # They talk, too: last of the lane that has less to do.
        Stage("web-console", ["tests/web/console/run"], 20, True),
        Stage("web-client", ["tests/web/client/run", "build/release/bin"], 15,
              True),
        Stage("packaging", [*PYTEST, "tests/packaging"], 10, True,
              talks=True),
        Stage("conformance", make("conformance"), 20, True,
              talks=True),
        Stage("conformance-asan", make("PROFILE=asan", "conformance"), 25,
              True,
              talks=True),
        Stage("nodes", [*PYTEST, "tests/nodes"], 15, True, alone=True),
        Stage("chaos", make("chaos"), 15, True, alone=True),
        Stage("attack", make("attack-smoke"), 10, True, alone=True),
        Stage("conformance-tsan", make("PROFILE=tsan", "conformance"), 25,
              True,
              talks=True),
        Stage("bench-smoke", make("bench-smoke"), 10, alone=True),
        Stage("package", [*PYTEST, "tests/package"], 30, True, alone=True),
        Stage("run", [*PYTEST, "tests/stack/test_run.py"], 10, True,
              alone=True),
        Stage("stack", [*PYTEST, "tests/stack/test_stack.py"], 30, True,
              alone=True),
        Stage("scale", make("scale"), 15, True, alone=True),
        Stage("sentinel", [*PYTEST, "tests/stack/test_sentinel.py"], 15, True,
              alone=True),
        Stage("host", [*PYTEST, "tests/stack/test_host.py"], 15, True,
              alone=True),
    ]


def count(stage, code, text):
    """The tests in TEXT; a stage that failed has at least one failure."""
    r = Result()
    if stage.counted and (tap := TAP.findall(text)):
        for what, n in tap:
            if what == "pass":
                r.passed += int(n)
            elif what in ("skipped", "todo"):
                r.skipped += int(n)
            else:
                r.failed += int(n)
    elif stage.counted:
        closing = [m.group(0) for m in CLOSING.finditer(text)]
        for n, what in SUMMARY.findall(closing[-1] if closing else ""):
            if what == "passed":
                r.passed += int(n)
            elif what in ("skipped", "xfailed"):
                r.skipped += int(n)
            else:
                r.failed += int(n)
    elif code == 0:
        r.passed = 1
    if code == 0 and r == Result():
        print(f"   {stage.name}: exited 0 but ran no test")
        code = 1
    if (code != 0 or SANITIZER.search(text)) and r.failed == 0:
        r.failed = 1
    return r


def quick_folder(stage):
    """Where each Redis of a test syncs every write: memory, where there is
    enough of it. What runs alone keeps to the disk."""
    memory = Path("/dev/shm")
    if stage.alone or not memory.is_dir() or (
            shutil.disk_usage(memory).free < 4 << 30):
        return {}
    return {"TMPDIR": str(memory)}


def execute(stage, log):
    """Runs the stage; returns its exit code, or None if it took too long."""
    env = dict(os.environ, **quick_folder(stage), **stage.env)
    env.pop("MAKEFLAGS", None)
    env.pop("MAKELEVEL", None)
    with open(log, "wb") as out:
        child = subprocess.Popen(
            stage.argv, cwd=ROOT, env=env, stdin=subprocess.DEVNULL,
            stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            return child.wait(stage.minutes * 60)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, 15)
            child.wait()
            return None


def run(stage):
    """Runs the stage and prints at once what there is to say of it."""
    if stage.needs and not (ROOT / stage.needs).exists():
        print(f"== {stage.name}: skipped, {stage.needs} does not exist")
        return Result(skipped=1)
    if missing := lacking(stage.name):
        print(f"== {stage.name}: skipped, without {' '.join(missing)} "
              "('make deps' installs what tests need)")
        return Result(skipped=1)
    lines = [f"== {stage.name}: {' '.join(map(str, stage.argv))}"]
    log = LOGS / f"{stage.name}.log"
    began = time.monotonic()
    code = execute(stage, log)
    text = log.read_text(errors="replace")
    result = count(stage, code, text)
    lines += ["   " + reason for reason in SKIPPED.findall(text)]
    if result.failed:
        what = (f"took more than {stage.minutes} minutes" if code is None
                else f"exit code {code}")
        lines.append(f"   FAILED, {what}; the end of {log.relative_to(ROOT)}:")
        lines += ["   | " + line for line in text.splitlines()[-60:]]
        result.names = [f"{stage.name}: {name}"
                        for name in FAILED.findall(text) or [what]]
        result.text = text
        result.broken = [(stage, result)]
    lines.append(f"   {result} in {time.monotonic() - began:.0f} s")
    print("\n".join(lines), flush=True)
    return result


def run_each(chosen):
    return [run(stage) for stage in chosen]


def run_all(chosen):
    total = Result()
    for stage in [s for s in chosen if s.first]:
        total.add(run(stage))
    rest = [s for s in chosen if not s.first and not s.alone]
    with concurrent.futures.ThreadPoolExecutor(2) as lanes:
        for results in lanes.map(run_each, [[s for s in rest if s.talks],
                                            [s for s in rest if not s.talks]]):
            for result in results:
                total.add(result)
    for stage in [s for s in chosen if s.alone]:
        total.add(run(stage))
    return total


def steady(stage, name, argv):
    """Whether a test that failed passes each time when it is run alone."""
    for i in range(second_look.STEADY):
        log = LOGS / f"{stage.name}.again.log"
        code = execute(dataclasses.replace(stage, argv=argv), log)
        text = log.read_text(errors="replace")
        again = count(stage, code, text)
        print(f"   {i + 1}. {name}: {again}", flush=True)
        if again.failed or not again.passed:
            print("\n".join("   | " + l for l in text.splitlines()[-40:]))
            return False
    return True


def look_again(total):
    """Counts as passed what turns out to be unsteady; returns its names."""
    unsteady = []
    if not 0 < total.failed <= second_look.AGAIN_MAX:
        return unsteady
    for stage, result in total.broken:
        runs = second_look.commands(stage, result.failed, result.text, ROOT)
        if not runs or SANITIZER.search(result.text):
            continue
        print(f"== {stage.name}: a second look at {len(runs)}", flush=True)
        if all(steady(stage, *run) for run in runs.items()):
            unsteady += [f"{stage.name}: {name}" for name in runs]
            total.passed += result.failed
            total.failed -= result.failed
            total.names = [n for n in total.names if n not in result.names]
    return unsteady


def main(wanted):
    known = {s.name: s for s in stages()}
    if unknown := [w for w in wanted if w not in known]:
        sys.exit(f"run_tests: no stage {' '.join(unknown)}; "
                 f"there are: {' '.join(known)}")
    LOGS.mkdir(parents=True, exist_ok=True)
    total = run_all([s for s in known.values()
                     if not wanted or s.name in wanted])
    unsteady = look_again(total)
    for name in unsteady:
        print(f"unsteady, failed once and passed {second_look.STEADY} times alone: {name}")
    for name in total.names:
        print(name)
    print(total)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
