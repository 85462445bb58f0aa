"""docs/performance.md and the summary, from build/bench/results.json."""

import statistics
from pathlib import Path

OURS, REF, ECHO, HAPROXY, GO, BARE = (
    "ours", "reference", "echo", "haproxy splice", "Go", "bare sockets")

TITLES = {
    "heartbeat": "hbbs heartbeats: CPU per RegisterPeer and its reply",
    "size": "hbbs size: a UDP peer with its presence in Redis",
    "scale": "hbbs scale: peers at their interval, with 200 punch requests/s "
             "and 500 online queries of 100 ids/s",
    "slow_disk": "hbbs while Redis' disk is slow: peers at their interval, and "
                 "2000 online queries of 100 ids/s",
    "connections": "hbbs connections: registered TCP and WebSocket clients",
    "restart": "hbbs restart under load",
    "bulk": "hbbr bulk: TCP to TCP, 64 KiB writes",
    "latency": "hbbr latency: 64-byte ping-pong",
    "websocket": "hbbr WebSocket: 16 KiB messages, 10 pairs",
    "browser": "hbbr and nginx: video from a device by TCP to a browser by "
               "WebSocket in TLS",
    "proxy": "nginx: what one setting changes of a browser's session, the "
             "others as shipped",
    "idle": "hbbr idle pairs",
    "pairing": "pairing: both halves arrive together",
    "api": "api: requests per CPU second (ours includes its Redis)",
    "console": "console: calls of its pages, one after another",
    "web": "web client: Chromium without a GPU, through nginx with TLS, "
           "and a device on the same machine",
}

# row, figure, measured against (None: nothing, the figure itself), how, limit;
# "max 3 x idle" compares the two cases of ours.
TARGETS = [
    ("heartbeat", "ns of CPU", REF, "<=", 0.5),
    ("heartbeat", "ns of CPU", ECHO, "<=", 1.25),
    ("size", "bytes of hbbs a peer", None, "<=", 250),
    ("size", "bytes of Redis a peer", None, "<=", 200),
    ("scale", "lost registrations", None, "<=", 0),
    ("scale", "push p99, ms", None, "<=", 20),
    ("slow_disk", "lost registrations", None, "<=", 0),
    ("slow_disk", "queries unanswered", None, "<=", 0),
    ("slow_disk", "online query p99, ms", None, "<=", 50),
    ("connections", "bytes a client", None, "<=", 8192),
    ("connections", "late heartbeats", None, "<=", 0),
    ("restart", "unreachable after one heartbeat", None, "<=", 0),
    ("bulk", "CPU-s/GiB", REF, "<=", 0.3),
    ("bulk", "CPU-s/GiB", HAPROXY, "<=", 0.75),
    ("bulk", "Gbit/s", REF, ">=", 1.5),
    ("bulk", "Gbit/s", HAPROXY, ">=", 1),
    ("latency", "p50, us", REF, "<=", 1),
    ("latency", "p99, us", REF, "<=", 1),
    ("latency", "p50, us", HAPROXY, "<=", 1),
    ("latency", "p99, us", HAPROXY, "<=", 1),
    ("websocket", "CPU-s/GiB", REF, "<=", 0.7),
    ("browser", "relay CPU-s/GiB", REF, "<=", 0.45),
    ("browser", "frame p99, ms", REF, "<=", 0.5),
    ("browser", "frame p99, ms", None, "<=", 2),
    ("browser", "KiB a session", None, "<=", 96),
    ("idle", "bytes a pair", None, "<=", 1024),
    ("idle", "lost", None, "<=", 0),
    ("idle", "container, MiB", None, "<=", 256),
    ("pairing", "lost", None, "<=", 0),
    ("pairing", "us of CPU a pair", BARE, "<=", 1.25),
    ("pairing", "pairs per CPU second", REF, ">=", 3),
    ("api", "per CPU second", GO, ">=", 3),
    ("console", "list p95, ms", None, "<=", 100),
    ("console", "overview p95, ms", None, "<=", 50),
    ("console", "seconds", None, "<=", 5),
    ("web", "kB before the session, gzip", None, "<=", 80),
    ("web", "click to picture p50, ms", None, "<=", 1000),
    ("web", "dropped", None, "<=", 0),
    ("web", "drawn of the decoded, %", None, ">=", 99.5),
    ("web", "CPU of the page thread, %", None, "<=", 10),
    ("web", "of it behind the decoder, ms", None, "<=", 20),
    ("web", "input to socket p99, ms", None, "<=", 5),
    ("web", "Mbit/s of a core", None, ">=", 300),
    ("web", "MiB more, last quarter beside the second", None, "<=", 16),
    ("web", "fetched, MB/s", None, ">=", 40),
    ("web", "sent, MB/s", None, ">=", 40),
]

# Where not every case of a row has the target: what its label holds.
ONLY = {
    ("api", "per CPU second"): "heartbeats",
    ("browser", "relay CPU-s/GiB"): "full speed",
    ("browser", "frame p99, ms"): "100 sessions, 5 Mbit/s each",
}


def figures(case, variant, name):
    """{round: value}, of clean runs if at least three are."""
    runs = [r for r in case.get(variant, []) if name in r["figures"]]
    clean = [r for r in runs if not r["dirty"]]
    return {r["round"]: r["figures"][name]
            for r in (clean if len(clean) >= 3 else runs)}


def spread(values):
    values = list(values)
    middle = statistics.median(values)
    if len(values) == 1:
        return f"{middle:.3g}"
    return f"{middle:.3g} ({min(values):.3g}–{max(values):.3g})"


def ratios(case, name, peer):
    """Ours over the peer's: the median's, and that of each common round."""
    ours, theirs = (figures(case, v, name) for v in (OURS, peer))
    if not ours or not theirs or not statistics.median(theirs.values()):
        return None
    middle = (statistics.median(ours.values())
              / statistics.median(theirs.values()))
    rounds = [ours[n] / theirs[n] for n in ours if theirs.get(n)]
    rounds = rounds or [middle]
    return middle, min(rounds), max(rounds)


def beside_idle(row):
    """p99 beside bulk over p99 idle, of ours."""
    found = [figures(row["cases"].get(c, {}), OURS, "p99, us")
             for c in ("idle", "beside 10 bulk pairs")]
    if not all(found):
        return None
    idle, busy = (statistics.median(f.values()) for f in found)
    return busy / idle


def checks(kept):
    """(row, case, text of the target, text of the result, met)."""
    for name, figure, peer, how, limit in TARGETS:
        row = kept["rows"].get(name)
        for label, case in (row or {"cases": {}})["cases"].items():
            if ONLY.get((name, figure), "") not in label:
                continue
            if peer is None:
                values = figures(case, OURS, figure).values()
                if not values:
                    continue
                # The worst of the rounds.
                value = max(values) if how == "<=" else min(values)
                text = spread(values)
                target = f"{figure} {how} {limit}"
            else:
                found = ratios(case, figure, peer)
                if found is None:
                    continue
                value = found[0]
                text = f"{value:.2f} ({found[1]:.2f}–{found[2]:.2f})"
                target = f"{figure} {how} {limit} x {peer}"
            met = value <= limit if how == "<=" else value >= limit
            yield name, label, target, text, met
    row = kept["rows"].get("latency")
    if row and (value := beside_idle(row)) is not None:
        yield ("latency", "beside 10 bulk pairs", "p99, us <= 3 x idle",
               f"{value:.2f}", value <= 3)


def summary(kept, wanted):
    return "\n".join(
        f"{'met   ' if met else 'MISSED'}  {row}, {case}: {target}: {text}"
        for row, case, target, text, met in checks(kept) if row in wanted)


def _table(rows):
    head, *body = rows
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(r) + " |" for r in body]
    return "\n".join(lines)


def _dirty(case):
    runs = [r for runs in case.values() for r in runs]
    return f"{sum(r['dirty'] for r in runs)} of {len(runs)}"


def _section(name, row):
    out = [f"## {TITLES[name]}", "",
           f"Measured on {row['date']}, {row['rounds']} rounds of "
           f"{row['seconds']:g} s. Median (smallest–largest).", ""]
    table = [["case", "who", "figures", "runs (dirty, all peers)"]]
    for label, case in sorted(row["cases"].items()):
        for variant, runs in case.items():
            names = runs[0]["figures"]
            text = "; ".join(
                f"{n} {spread(figures(case, variant, n).values())}"
                for n in names)
            table.append([label, variant, text,
                          f"{len(runs)} ({_dirty(case)})"])
    out.append(_table(table))
    for variant, why in row["skipped"].items():
        out += ["", f"Skipped: {variant}: {why}."]
    return "\n".join(out)


def page(kept):
    notes = (Path(__file__).parent / "notes.md").read_text().strip()
    machine = [["what", "which"], *([k, v] for k, v in
                                    kept["machine"].items())]
    targets = [["row", "case", "target", "measured", ""]]
    targets += [[r, c, t, x, "met" if met else "**missed**"]
                for r, c, t, x, met in checks(kept)]
    sections = [_section(n, kept["rows"][n]) for n in TITLES]
    intro = (Path(__file__).parent / "intro.md").read_text().strip()
    return "\n\n".join([intro, "## The machine", _table(machine),
                        "## Targets", _table(targets), *sections, notes]
                       ) + "\n"
