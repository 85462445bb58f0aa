"""Video from a device through hbbr and nginx to a browser, and what nginx's
settings change of it."""

import contextlib
import itertools
from pathlib import Path

import servers
from host import run_load

OURS, REF = "ours", "reference"


def browser(bench):
    """Anew for each run: what a process has freed it uses again, and a
    session would seem to need no memory."""
    starts = {OURS: (servers.hbbr, 21117)}
    try:
        servers.given("REF_HBBR")
        starts[REF] = (servers.reference_hbbr, 22117)
    except servers.Absent as why:
        bench.skip("browser", REF, str(why))

    def run(start, port, mode, sessions):
        with start(bench, port) as relay, \
                servers.nginx(bench, 20443, port + 2) as proxy:
            r = run_load(bench.video_load, mode, port=port, wss=20443,
                         sessions=sessions, pids=relay.pid, proxy=proxy.pid,
                         ms=int(bench.seconds * 1000))
        figures = {"relay CPU-s/GiB": r["relay_cpu_s_per_gib"],
                   "nginx CPU-s/GiB": r["proxy_cpu_s_per_gib"],
                   "Mbit/s": r["mbit_per_s"],
                   "frame p50, ms": r["p50_ms"],
                   "frame p99, ms": r["p99_ms"]}
        if sessions >= 100:     # of fewer, pages hide what they take
            figures["relay KiB a session"] = r["relay_kib"] / sessions
            figures["nginx KiB a session"] = r["proxy_kib"] / sessions
            figures["KiB a session"] = ((r["relay_kib"] + r["proxy_kib"])
                                        / sessions)
        return figures
    modes = {"paced": "5 Mbit/s each", "full": "full speed"}
    widths = (1, 10, 100) if not bench.smoke else (2,)
    bench.measure("browser", {
        (f"{n} sessions, {text}", v):
            lambda s=s, p=p, m=mode, n=n: run(s, p, m, n)
        for n, (mode, text), (v, (s, p)) in itertools.product(
            widths, modes.items(), starts.items())})


# Of nginx, one apart from what is shipped.
SETTINGS = (
    {}, {"proxy_buffer_size": "8k"}, {"proxy_buffer_size": "16k"},
    {"proxy_buffer_size": "64k", "proxy_buffers": "4 64k"},
    {"proxy_buffering": "on"},
    {"ssl_buffer_size": "4k"}, {"tcp_nodelay": "off"}, {"sendfile": "off"})
KTLS = {"ssl_conf_command": "Options KTLS"}
OWN_TLS = "hbbr's own TLS"


def whole_way(bench, mode, sessions, changes):
    """Video through hbbr and an nginx with CHANGES; None: hbbr takes TLS."""
    tls, wss = {}, 20443
    if changes is None:
        cert, key = servers.certificate(bench.folder("hbbr"))
        tls, wss = {"TLS_CERT": str(cert), "TLS_KEY": str(key)}, 21119
    with servers.hbbr(bench, **tls) as relay, (
            contextlib.nullcontext() if tls else
            servers.nginx(bench, wss, 21119, changes)) as proxy:
        r = run_load(bench.video_load, mode, port=21117, sessions=sessions,
                     wss=wss, pids=relay.pid, proxy=proxy.pid if proxy else "",
                     ms=int(bench.seconds * 1000))
    relay_cpu, proxy_cpu = r["relay_cpu_s_per_gib"], r["proxy_cpu_s_per_gib"]
    return {"nginx CPU-s/GiB": proxy_cpu, "relay CPU-s/GiB": relay_cpu,
            "both CPU-s/GiB": proxy_cpu + relay_cpu,
            "frame p99, ms": r["p99_ms"],
            "KiB a session": (r["relay_kib"] + r["proxy_kib"]) / sessions}


def handshake(bench, mode, changes):
    with servers.nginx(bench, 20443, 9, changes) as proxy:
        r = run_load(bench.tls_load, mode, wss=20443, proxy=proxy.pid,
                     n=bench.size("HANDSHAKES", 500, 10))
    return {"us of nginx": r["us"], "resumed": r["resumed"]}


def proxy(bench):
    """What each setting of nginx gains a browser's session."""
    tickets_on = {"ssl_session_tickets": "on"}
    runs = {("handshakes", name): lambda m=mode, c=changes:
            handshake(bench, m, c)
            for name, mode, changes in (
                (OURS, "resumed", {}), ("not resumed", "new", {}),
                ("ssl_session_tickets on", "resumed", tickets_on))}
    variants = {OURS if not s else " ".join(next(iter(s.items()))): s
                for s in (SETTINGS if not bench.smoke else SETTINGS[:2])}
    variants[OWN_TLS] = None
    if Path("/proc/net/tls_stat").exists():
        variants[" ".join(*KTLS.items())] = KTLS
    else:
        bench.skip("proxy", "kTLS", "this kernel is without CONFIG_TLS")
    cases = (("100 sessions, 5 Mbit/s each", "paced", 100),
             ("10 sessions, full speed", "full", 10))
    for (case, mode, n), (name, changes) in itertools.product(
            cases if not bench.smoke else cases[1:], variants.items()):
        runs[case, name] = lambda m=mode, n=n, c=changes: whole_way(
            bench, m, n, c)
    bench.measure("proxy", runs)
