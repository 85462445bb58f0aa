"""The web client in headless Chromium, through nginx with TLS, against the
scripted device of its tests."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import servers
from host import descendants

ROOT = servers.ROOT
WEB = ROOT / "services/web"
NEEDED = {
    "/usr/bin/chromium": "the package chromium is not installed",
    WEB / "dist/web/index.html": "the pages are not built (make web)",
    WEB / "node_modules/playwright-core": "npm's packages are not there "
                                          "(make web)",
}
OURS = "ours"


class Driver:
    """The program that drives the browser: a case in, figures out."""

    name = "browser"

    def __init__(self, bench):
        for path, why in NEEDED.items():
            if not Path(path).exists():
                raise servers.Absent(why)
        modules = WEB / "node_modules"
        program = modules / ".bench/web.mjs"
        subprocess.run(
            [modules / ".bin/esbuild", ROOT / "tests/bench/web/driver.ts",
             "--bundle", "--platform=node", "--format=esm",
             f"--outfile={program}", "--external:playwright-core",
             "--external:axe-core", "--log-level=warning"],
            check=True, env={**os.environ, "NODE_PATH": str(modules)})
        folder = bench.folder("browser")
        self.log = open(folder / "log", "w+")
        self.child = subprocess.Popen(
            [shutil.which("node"), program], cwd=folder, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
            env={**os.environ, "ROOT": str(ROOT), "BIN": str(bench.bin),
                 "TLS": "1"})
        self.pid = self.child.pid
        bench.servers.append(self)

    def pids(self):
        return descendants(self.pid)

    def run(self, case, **sizes):
        self.child.stdin.write(json.dumps({"case": case, **sizes}) + "\n")
        self.child.stdin.flush()
        line = self.child.stdout.readline()
        if not line:
            self.log.seek(0)
            raise RuntimeError(f"{case}: {self.log.read()[-1500:]}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"{case}: {answer['error']}")
        return answer

    def stop(self):
        self.child.stdin.close()
        try:
            self.child.wait(60)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.child.stdout.close()
        self.log.close()


def web(bench):
    seconds = bench.size("WEB_SECONDS", 60, 2)
    mib = bench.size("WEB_MIB", 200, 4)
    times = bench.size("WEB_TIMES", 15, 2)
    try:
        driver = Driver(bench)
    except servers.Absent as why:
        bench.skip("web", OURS, str(why))
        return
    frames = bench.size("WEB_FRAMES", 54_000, 60)
    cases = [
        ("picture", "first picture", {"times": times}),
        ("video", f"1080p VP9 at 30/s for {seconds} s", {
            "seconds": seconds, "keys": bench.size("WEB_KEYS", 400, 20)}),
        ("records", "records of 64 KiB, opened and read",
         {"mib": mib, "bytes": 64 << 10}),
        ("records", "records of 4 KiB, opened and read",
         {"mib": max(mib // 8, 1), "bytes": 4 << 10}),
        ("files", f"a file of {mib} MiB", {"mib": mib}),
    ]
    bench.measure("web", {
        (case, OURS): lambda n=name, s=sizes: driver.run(n, **s)
        for name, case, sizes in cases}, rounds=min(bench.rounds, 3))
    bench.measure("web", {
        (f"{frames} frames of 1080p at full speed", OURS):
            lambda: driver.run("memory", frames=frames)}, rounds=1)
