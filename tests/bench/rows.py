"""What is measured, one function for each row of docs/performance.md.

A row starts its servers and hands the bench its runs: {(case, variant):
function}, where a function returns figures by name. The bench calls them in
random order, round after round.
"""

import http.client
import itertools
import json
import os
import subprocess
import threading
import time
from pathlib import Path

import servers
from browser import web
from host import HOST, Box, cpu_of, rss, run_load
from whole_way import browser, proxy

OURS, REF, ECHO, HAPROXY, DIRECT, GO, BARE, ALONE, OTHER = (
    "ours", "reference", "echo", "haproxy splice", "direct", "Go",
    "bare sockets", "ours, WORKERS=0", "OTHER_HBBR")


def optional(bench, row, variant, start):
    """START's server, or None and a line that says why it is skipped."""
    try:
        return start()
    except servers.Absent as why:
        bench.skip(row, variant, str(why))
        return None


# --- hbbs -------------------------------------------------------------------

def heartbeat(bench):
    ids = bench.size("IDS", 300_000, 640)
    redis = servers.Redis(bench)
    found = {OURS: (servers.hbbs(bench, redis), 21116)}
    ref = optional(bench, "heartbeat", REF,
                   lambda: servers.reference_hbbs(bench, 22116))
    if ref:
        found[REF] = (ref, 22116)
    for server, port in found.values():
        run_load(bench.udp_load, "register", port=port, ids=ids)
    echo = servers.Server(bench, "echo", [bench.udp_load, "echo",
                                          "port=23116"])
    found[ECHO] = (echo, 23116)

    def run(server, port, echoing):
        r = run_load(bench.udp_load, "beat", port=port, ids=ids,
                     ms=int(bench.seconds * 1000), pids=server.pid,
                     echoing=echoing)
        if r["answers"] == 0 or r["wants_pk"] > r["answers"] / 100:
            raise RuntimeError(f"heartbeats are not kept: {r}")
        return {"ns of CPU": r["cpu_ns"], "answers/s": r["per_s"],
                "cores busy": r["busy"]}
    bench.measure("heartbeat", {
        (f"{ids} ids", v): lambda s=s, p=p, e=int(v == ECHO): run(s, p, e)
        for v, (s, p) in found.items()})


def size(bench):
    ids = bench.size("PEERS", 1_000_000, 3200)
    redis = servers.Redis(bench)
    hbbs = servers.hbbs(bench, redis)

    def run():
        time.sleep(1)
        hbbs_0, redis_0 = rss(hbbs.pid), redis.info("used_memory")
        r = run_load(bench.udp_load, "register", ids=ids, seconds=900)
        run_load(bench.udp_load, "beat", ids=ids, ms=100, pids=hbbs.pid)
        time.sleep(2)
        return {"bytes of hbbs a peer": (rss(hbbs.pid) - hbbs_0) / ids,
                "bytes of Redis a peer":
                    (redis.info("used_memory") - redis_0) / ids,
                "registered/s": ids / r["seconds"], "lost": r["lost"]}
    bench.measure("size", {(f"{ids} peers", OURS): run}, rounds=1)


def scale(bench):
    ids = bench.size("SCALE_PEERS", 2_000_000, 1600)
    seconds = bench.size("SCALE_SECONDS", 60, 3)
    interval = bench.size("INTERVAL", 15, 1)
    redis = servers.Redis(bench)
    hbbs = servers.hbbs(bench, redis, MAX_PEERS="5000000")
    run_load(bench.udp_load, "register", ids=ids, seconds=1100)

    def run():
        before = redis.cpu(), redis.info("total_commands_processed")
        # One round without questions brings back those who fell silent.
        run_load(bench.udp_load, "beat", ids=ids, ms=100, pids=hbbs.pid)
        r = run_load(bench.udp_load, "pace", ids=ids, seconds=seconds,
                     interval=interval, pids=hbbs.pid)
        reach = run_load(bench.udp_load, "reach", ids=ids)
        return {"lost registrations": reach["offline"],
                "heartbeats lost, %": 100 * r["lost"] / r["sent"],
                "push p50, ms": r["push_p50_us"] / 1e3,
                "push p99, ms": r["push_p99_us"] / 1e3,
                "pushes lost": r["punches"] - r["pushes"],
                "online query p99, ms": r["query_p99_us"] / 1e3,
                "queries unanswered": r["unanswered"],
                "generator late, s": r["late_s"],
                "cores of hbbs": r["cpu_s"] / seconds,
                "cores of Redis": (redis.cpu() - before[0]) / seconds,
                "Redis commands/s":
                    (redis.info("total_commands_processed") - before[1])
                    / seconds}
    bench.measure("scale", {(f"{ids} peers, {seconds} s", OURS): run},
                  rounds=1)


FSYNC_MS = 20   # a slow disk: Redis answers only when it has written


def await_store(bench):
    """hbbs starts without Redis, which may still be making its file."""
    for _ in range(100):
        if not run_load(bench.udp_load, "register", ids=16)["refused"]:
            return
        time.sleep(0.1)
    raise RuntimeError("hbbs does not find Redis")


def slow_disk(bench):
    """Case 154 of the wire protocol."""
    ids = bench.size("SLOW_DISK_PEERS", 50_000, 800)
    seconds = bench.size("SLOW_DISK_SECONDS", 60, 3)
    interval = bench.size("INTERVAL", 15, 1)
    redis = servers.Redis(bench, fsync_ms=FSYNC_MS)
    hbbs = servers.hbbs(bench, redis)
    await_store(bench)

    def run():
        first = run_load(bench.udp_load, "register", ids=ids, seconds=600)
        r = run_load(bench.udp_load, "pace", ids=ids, seconds=seconds,
                     interval=interval, punch=0, online=2000, pids=hbbs.pid)
        asked = time.monotonic()
        redis.pipe([("SET", "probe", "1")])
        write_s = time.monotonic() - asked
        reach = run_load(bench.udp_load, "reach", ids=ids)
        return {"lost registrations":
                    first["lost"] + first["refused"] + reach["offline"],
                "heartbeats lost, %": 100 * r["lost"] / r["sent"],
                "online query p50, ms": r["query_p50_us"] / 1e3,
                "online query p99, ms": r["query_p99_us"] / 1e3,
                "queries/s": r["queries"] / seconds,
                "queries unanswered": r["unanswered"],
                "registered/s": ids / first["seconds"],
                "a write of Redis, ms": write_s * 1e3}
    bench.measure("slow_disk", {
        (f"{ids} peers, fsync of {FSYNC_MS} ms", OURS): run}, rounds=1)


KEEP_ALIVE_S = 20   # hbbs' heartbeat of connections


def connections(bench):
    clients = min(bench.size("CLIENTS", 100_000, 100), bench.limit - 200)
    seconds = bench.size("CONNECTION_SECONDS", 3 * KEEP_ALIVE_S, 1)

    def run(kind):
        redis = servers.Redis(bench)
        hbbs = servers.hbbs(bench, redis)
        try:
            r = run_load(bench.conn_load, kind, clients=clients,
                         seconds=seconds, beat=KEEP_ALIVE_S, pids=hbbs.pid)
        finally:
            hbbs.stop()
            redis.stop()
        if r["failed"]:
            raise RuntimeError(f"{r['failed']} clients were not registered")
        return {"bytes a client": r["bytes_per_client"],
                "late heartbeats": r["late"], "closed": r["closed"],
                "heartbeats": r["beats"], "registered/s": r["per_s"]}
    bench.measure("connections", {
        (f"{clients} clients, {name}", OURS): lambda k=kind: run(k)
        for kind, name in (("tcp", "TCP"), ("ws", "WebSocket"))}, rounds=1)


def restart(bench):
    ids = bench.size("PEERS", 1_000_000, 1600)
    interval = bench.size("INTERVAL", 15, 2)
    redis = servers.Redis(bench)
    first = servers.hbbs(bench, redis)
    run_load(bench.udp_load, "register", ids=ids, seconds=900)
    run_load(bench.udp_load, "beat", ids=ids, ms=100, pids=first.pid)

    def run():
        load = subprocess.Popen(
            [str(bench.udp_load), "pace", f"ids={ids}", "punch=0", "online=0",
             f"interval={interval}", f"seconds={3 * interval}"],
            stdout=subprocess.DEVNULL)
        peak, over = [0], threading.Event()

        def watch():
            last = redis.info("total_commands_processed")
            while not over.wait(0.25):
                n = redis.info("total_commands_processed")
                peak[0] = max(peak[0], (n - last) / 0.25)
                last = n
        watcher = threading.Thread(target=watch)
        time.sleep(interval / 2)
        watcher.start()
        first.stop()
        down = time.monotonic()
        second = servers.hbbs(bench, redis)
        up = time.monotonic()
        time.sleep(interval + 1)
        over.set()
        watcher.join()
        reach = run_load(bench.udp_load, "reach", ids=ids)
        load.wait()
        return {"unreachable after one heartbeat": reach["offline"],
                "down, s": up - down, "Redis commands/s at most": peak[0],
                "cores of the new hbbs":
                    cpu_of(second.pid) / (time.monotonic() - up)}
    bench.measure("restart", {(f"{ids} peers", OURS): run}, rounds=1)


# --- hbbr -------------------------------------------------------------------

def relays(bench, row, ws=False):
    """{variant: (server, arguments of relay_load)}."""
    found = {OURS: (servers.hbbr(bench), {"port": 21117})}
    ref = optional(bench, row, REF,
                   lambda: servers.reference_hbbr(bench, 22117))
    if ref:
        found[REF] = (ref, {"port": 22117})
    if other := os.environ.get("OTHER_HBBR"):
        found[OTHER] = (servers.hbbr(bench, 27117, program=other),
                        {"port": 27117})
    if ws:
        return found
    hap = optional(bench, row, HAPROXY,
                   lambda: servers.haproxy(bench, 24117, 25117))
    if hap:
        found[HAPROXY] = (hap, {"port": 24117, "via": "proxy",
                                "listen": 25117})
    found[DIRECT] = (None, {"port": 25118, "via": "proxy", "listen": 25118})
    return found


def relay_run(bench, server, mode, **words):
    if server:
        words["pids"] = server.pid
    return run_load(bench.relay_load, mode, ms=int(bench.seconds * 1000),
                    **words)


def bulk(bench):
    found = relays(bench, "bulk")

    def run(server, words, pairs):
        r = relay_run(bench, server, "bulk", pairs=pairs, **words)
        figures = {"Gbit/s": r["gbit_per_s"]}
        if server:
            figures["CPU-s/GiB"] = r["cpu_s_per_gib"]
        return figures
    widths = (1, 10, 100, 1000) if not bench.smoke else (1, 10)
    bench.measure("bulk", {
        (f"{n} pairs", v): lambda s=s, w=w, n=n: run(s, w, n)
        for n, (v, (s, w)) in itertools.product(widths, found.items())})


# LATENCY_POLICIES: how else the kernel may schedule hbbr's threads.
POLICIES = {
    "SCHED_BATCH": lambda tid: os.sched_setscheduler(
        tid, os.SCHED_BATCH, os.sched_param(0)),
    "nice -10": lambda tid: os.setpriority(os.PRIO_PROCESS, tid, -10),
}


def scheduled(bench, port, policy):
    server = servers.hbbr(bench, port)
    for task in Path(f"/proc/{server.pid}/task").iterdir():
        POLICIES[policy](int(task.name))
    return server, {"port": port}


def latency(bench):
    found = relays(bench, "latency")
    for i, policy in enumerate(POLICIES if os.environ.get("LATENCY_POLICIES")
                               else ()):
        found["ours, " + policy] = scheduled(bench, 28117 + 10 * i, policy)

    def run(server, words, pairs):
        r = relay_run(bench, server, "ping", bulk=pairs, **words)
        return {"p50, us": r["p50_us"], "p99, us": r["p99_us"]}
    cases = (("idle", 0), ("beside 10 bulk pairs", 10))
    bench.measure("latency", {
        (case, v): lambda s=s, w=w, n=n: run(s, w, n)
        for (case, n), (v, (s, w)) in itertools.product(cases,
                                                        found.items())})


def websocket(bench):
    found = relays(bench, "websocket", ws=True)
    cases = (("WS to WS, 10 pairs", "ww"), ("WS to TCP, 10 pairs", "wt"),
             ("TCP to WS, 10 pairs", "tw"))

    def run(server, words, ends):
        r = relay_run(bench, server, "bulk", pairs=10, size=16384, ends=ends,
                      **words)
        return {"CPU-s/GiB": r["cpu_s_per_gib"], "Gbit/s": r["gbit_per_s"]}
    bench.measure("websocket", {
        (case, v): lambda s=s, w=w, e=e: run(s, w, e)
        for (case, e), (v, (s, w)) in itertools.product(cases,
                                                        found.items())})


BOX_MIB = 256


def idle(bench):
    most = (bench.limit - 300) // 2
    pairs = min(bench.size("PAIRS", 10_000, 50), most)

    def run(start, port):
        server = start()
        try:
            r = run_load(bench.relay_load, "idle", port=port, pairs=pairs,
                         pids=server.pid)
            return {"bytes a pair": r["bytes_per_pair"], "lost": r["lost"],
                    "RSS, MiB": r["rss_after_kib"] / 1024}
        finally:
            server.stop()

    def run_boxed():
        box = Box(BOX_MIB)
        try:
            return {**run(lambda: servers.hbbr(bench, box=box), 21117),
                    "container, MiB": box.peak() / 1048576}
        finally:
            box.remove()
    runs = {(f"{pairs} pairs", OURS):
            lambda: run(lambda: servers.hbbr(bench), 21117)}
    try:
        Box(BOX_MIB).remove()
        runs[f"{pairs} pairs in {BOX_MIB} MiB", OURS] = run_boxed
    except OSError as why:
        bench.skip("idle", f"in {BOX_MIB} MiB", f"no control group: {why}")
    try:
        servers.given("REF_HBBR")
        runs[f"{pairs} pairs", REF] = lambda: run(
            lambda: servers.reference_hbbr(bench, 22117), 22117)
    except servers.Absent as why:
        bench.skip("idle", REF, str(why))
    bench.measure("idle", runs, rounds=min(bench.rounds, 3))


def tickets(redis, run, pairs):
    """RelayTicket{expires_s} for each pair, as hbbs would write them."""
    value = bytearray(b"\x28")
    n = int(time.time()) + 3600
    while n > 127:
        value.append(n & 127 | 128)
        n >>= 7
    value.append(n)
    redis.pipe(("SET", f"ticket:{run:08x}-load-4000-8000-{i:012x}",
                bytes(value), "EX", "3600") for i in range(pairs))


def pairing(bench):
    pairs = bench.size("PAIRS", 10_000, 100)
    found = relays(bench, "pairing", ws=True)
    found[BARE] = (servers.bare_relay(bench, 24117), {"port": 24117})
    redis = servers.Redis(bench)
    # Without a thread to hand the pair to: what that costs.
    found[ALONE] = (servers.hbbr(bench, port=26117, WORKERS="0"),
                    {"port": 26117})
    ticketed = servers.hbbr(bench, port=23117, REDIS_URL=redis.url,
                            NODE_ID="ticketed", MESH_BIND="10.0.0.1")
    numbers = itertools.count(1)

    def run(server, port, with_tickets=False):
        number = next(numbers)
        if with_tickets:
            tickets(redis, number, pairs)
        r = run_load(bench.relay_load, "setup", port=port, pairs=pairs,
                     pids=server.pid, run=number)
        return {"lost": r["lost"], "us of CPU a pair": r["cpu_us_per_pair"],
                "pairs per CPU second": r["per_cpu_s"],
                "pairs/s": r["per_s"]}
    runs = {(f"{pairs} pairs", v): lambda s=s, w=w: run(s, w["port"])
            for v, (s, w) in found.items()}
    runs[f"{pairs} pairs, Redis and tickets", OURS] = lambda: run(
        ticketed, 23117, True)
    bench.measure("pairing", runs, rounds=min(bench.rounds, 3))


# --- api --------------------------------------------------------------------

def api(bench):
    devices = bench.size("DEVICES", 100_000, 160)
    redis = servers.Redis(bench)
    hbbs = servers.hbbs(bench, redis)
    run_load(bench.udp_load, "register", ids=devices)
    hbbs.stop()
    ours = servers.api(bench, redis)
    found = {OURS: (21114, [ours, redis])}
    ref = optional(bench, "api", GO,
                   lambda: servers.reference_api(bench, 22114))
    if ref:
        found[GO] = (22114, [ref])
    for port, _ in found.values():
        run_load(bench.http_load, "sysinfo", port=port, ids=devices,
                 n=devices, conns=16)

    def run(kind, port, procs):
        pids = ",".join(str(p.pid) for p in procs)
        r = run_load(bench.http_load, kind, port=port, ids=devices, pids=pids,
                     ms=int(bench.seconds * 1000), conns=16,
                     first=devices * len(bench.results) // 7,
                     password=servers.PASSWORD)
        if r["bad"]:
            raise RuntimeError(f"{kind}: {r}")
        return {"per CPU second": r["per_cpu_s"], "per second": r["per_s"]}
    bench.measure("api", {
        (kind + "s", v): lambda k=kind, p=p, s=s: run(k, p, s)
        for kind, (v, (p, s)) in itertools.product(("heartbeat", "login"),
                                                   found.items())})


class Console:
    """Calls of an administrator's page."""

    def __init__(self, port):
        self.http = http.client.HTTPConnection(HOST, port, timeout=120)
        self.token = None
        self.token = self.call("POST", "/api/login", {
            "username": "admin", "password": servers.PASSWORD,
            "type": "account"})["access_token"]

    def call(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token \
            else {}
        self.http.request(method, path,
                          body and json.dumps(body).encode(), headers)
        r = self.http.getresponse()
        text = r.read()
        if r.status != 200:
            raise RuntimeError(f"{method} {path}: {r.status} {text[:200]}")
        return json.loads(text)

    def p95_ms(self, paths):
        took = []
        for path in paths:
            began = time.monotonic()
            self.call("GET", path)
            took.append((time.monotonic() - began) * 1e3)
        return sorted(took)[int(len(took) * 0.95)]

    def wait_for(self, devices):
        for _ in range(600):
            try:
                if self.call("GET", LISTED)["total"] == devices:
                    return
            except RuntimeError:    # the index is being built
                pass
            time.sleep(0.1)
        raise RuntimeError("not all devices are listed")


LISTED = "/api/web/devices?pageSize=50"
FILTERS = ("", "&online=0", "&status=1", "&os=linux", "&q=host", "&q=1234",
           "&user=-", "&version=1")
SORTS = ("", "name", "-name", "id", "os", "version", "-last_seen", "user",
         "note", "address")


def console(bench):
    devices = bench.size("DEVICES", 100_000, 160)
    many = bench.size("MANY", 10_000, 120)
    redis = servers.Redis(bench)
    hbbs = servers.hbbs(bench, redis)
    run_load(bench.udp_load, "register", ids=devices)
    hbbs.stop()
    servers.api(bench, redis)
    run_load(bench.http_load, "sysinfo", port=21114, ids=devices, n=devices,
             conns=16)
    page = Console(21114)
    page.wait_for(devices)
    guids = [row["guid"] for at in range((many + 999) // 1000) for row in
             page.call("GET", f"/api/devices?pageSize=1000&current={at + 1}")
             ["data"]][:many]
    numbers = itertools.count(1)

    def lists():
        return {"list p95, ms": page.p95_ms(
            LISTED + f + (f"&sort={s}" if s else "")
            for f, s in itertools.product(FILTERS, SORTS))}

    def overview():
        return {"overview p95, ms": page.p95_ms(["/api/web/overview"] * 40)}

    def change():
        number = next(numbers)
        began = time.monotonic()
        job = page.call("POST", "/api/devices/bulk", {
            "id": f"bench-{number}", "op": "note", "value": f"round {number}",
            "guids": guids})
        while job["state"] == "running":
            job = page.call("POST", f"/api/bulk/{job['id']}")
        if job["changed"] != many:
            raise RuntimeError(f"not all were changed: {job}")
        return {"seconds": time.monotonic() - began}
    bench.measure("console", {
        (f"device list, {devices} devices", OURS): lists,
        (f"overview, {devices} devices", OURS): overview,
        (f"bulk change of {many} devices", OURS): change})


ROWS = {f.__name__: f for f in (
    heartbeat, size, scale, slow_disk, connections, restart, bulk, latency,
    websocket, browser, proxy, idle, pairing, api, console, web)}
