#!/usr/bin/python3
"""Measures the stack beside its peers (`make bench`).

usage: bench.py BIN_FOLDER LOAD_FOLDER [smoke]

ROWS="heartbeat bulk" chooses rows, ROUNDS and SECONDS how often and how long.
REF_HBBS, REF_HBBR and REF_API are programs to measure beside ours. Results
are kept in build/bench/results.json, and docs/performance.md is written from
them once every row was measured. `smoke` runs every row in tiny form and asserts only that each yields
its figures.
"""

import datetime
import json
import os
import random
import shutil
import signal
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import host
import report
import rows

OURS = rows.OURS
ROOT = Path(__file__).resolve().parent.parent.parent
OUT = ROOT / "build" / "bench"


class Bench:
    def __init__(self, bin_folder, load_folder, smoke):
        self.bin = Path(bin_folder).resolve()
        load = Path(load_folder).resolve()
        self.udp_load = load / "udp_load"
        self.relay_load = load / "relay_load"
        self.bare_relay = load / "bare_relay"
        self.http_load = load / "http_load"
        self.conn_load = load / "conn_load"
        self.video_load = load / "video_load"
        self.tls_load = load / "tls_load"
        self.slow_disk = load / "slow_disk.so"
        self.smoke = smoke
        self.rounds = self.size("ROUNDS", 5, 1)
        self.seconds = float(os.environ.get("SECONDS") or
                             (0.2 if smoke else 2))
        self.limit = host.descriptors()
        self.results, self.skipped = {}, {}
        self.servers = []
        self.missing = []   # runs that never yielded a figure
        shm = Path("/dev/shm")
        self.scratch = Path(tempfile.mkdtemp(
            prefix="bench-", dir=shm if os.access(shm, os.W_OK) else None))

    def size(self, variable, full, tiny):
        return int(os.environ.get(variable) or (tiny if self.smoke else full))

    def folder(self, name):
        path = self.scratch / name
        path.mkdir(exist_ok=True)
        return path

    def skip(self, row, variant, why):
        print(f"  {row}: {variant} skipped: {why}", flush=True)
        self.skipped.setdefault(row, {})[variant] = why

    def alive(self):
        return [pid for s in self.servers if s.child.poll() is None
                for pid in s.pids()]

    def measure(self, row, runs, rounds=None):
        for n in range(rounds or self.rounds):
            for key in random.sample(list(runs), len(runs)):
                try:
                    with host.Sample(self.alive) as machine:
                        figures = runs[key]()
                except (RuntimeError, OSError, ValueError) as e:
                    print(f"  {', '.join(key)}: no figure: {e}", flush=True)
                    continue
                self._record(row, *key, n, figures, machine)

        for case, variant in runs:
            if not self.results.get(row, {}).get(case, {}).get(variant):
                self.missing.append(f"{row}: {case}, {variant}")

    def _record(self, row, case, variant, n, figures, machine):
        run = {"round": n, "figures": figures, "dirty": machine.dirty,
               "foreign": round(machine.foreign, 3),
               "steal": round(machine.steal, 3)}
        self.results.setdefault(row, {}).setdefault(case, {}).setdefault(
            variant, []).append(run)
        text = "  ".join(f"{k} {v:.4g}" for k, v in figures.items())
        print(f"  {case}, {variant}: {text}"
              + (f"  (foreign {machine.foreign:.2f}, steal "
                 f"{machine.steal:.2f})" if machine.dirty else ""),
              flush=True)

    def row(self, name):
        print(f"{name}:", flush=True)
        try:
            rows.ROWS[name](self)
        finally:
            for s in reversed(self.servers):
                s.stop()
            self.servers.clear()
            for part in self.scratch.iterdir():
                shutil.rmtree(part)

    def close(self):
        shutil.rmtree(self.scratch)


def save(bench, path):
    kept = json.loads(path.read_text()) if path.exists() else {}
    kept.setdefault("rows", {})
    kept["machine"] = host.describe(bench.bin, bench.limit)
    for row, cases in bench.results.items():
        kept["rows"][row] = {
            "date": datetime.date.today().isoformat(),
            "rounds": bench.rounds, "seconds": bench.seconds,
            "cases": cases, "skipped": bench.skipped.get(row, {})}
    path.write_text(json.dumps(kept, indent=1))
    return kept


def write_page(kept):
    """Only whole: a page that lost its other rows would look measured."""
    if absent := [r for r in rows.ROWS if r not in kept["rows"]]:
        print("bench: docs/performance.md stays as it is until these were "
              "measured, too: " + " ".join(absent))
        return
    (ROOT / "docs/performance.md").write_text(report.page(kept))


def main(argv):
    if len(argv) not in (3, 4):
        sys.exit(__doc__)
    wanted = os.environ.get("ROWS", "").split() or list(rows.ROWS)
    if unknown := [w for w in wanted if w not in rows.ROWS]:
        sys.exit(f"bench: no row {' '.join(unknown)}; there are: "
                 f"{' '.join(rows.ROWS)}")
    host.enter_namespace()
    OUT.mkdir(parents=True, exist_ok=True)
    bench = Bench(argv[1], argv[2], argv[3:] == ["smoke"])
    print(f"bench: at most {bench.limit} descriptors a process", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: ended"))
    failed = []
    try:
        for name in wanted:
            try:
                bench.row(name)
            except (RuntimeError, OSError, ValueError, KeyError) as e:
                print(f"  {name} FAILED: {e}", flush=True)
                failed.append(name)
            if not (bench.results.get(name) or name in failed
                    or OURS in bench.skipped.get(name, {})):
                print(f"  {name} FAILED: no figure", flush=True)
                failed.append(name)
            if not bench.smoke:     # what is measured is kept
                kept = save(bench, OUT / "results.json")
    finally:
        bench.close()
    if not bench.smoke:
        print(report.summary(kept, wanted))
        write_page(kept)
    for text in bench.missing:
        print(f"bench: no figure at all: {text}")
    return 1 if failed or bench.missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
