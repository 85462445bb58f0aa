"""docs/chaos.md from the outcomes of a run."""

import dataclasses

COLUMNS = {"udp": "UDP peers", "tcp": "TCP peers", "ws": "WebSocket peers",
           "online": "online query", "register": "registration",
           "relay": "new relays", "stream": "open relays",
           "across": "two relays", "api": "api"}
HEAD = """# Chaos

What breaks, and for how long. Written by `make chaos-table` from a run of two hbbs, two hbbr and one api on one Redis
(append-only file, `everysec`) in network namespaces, with nine registered peers (UDP, TCP, WebSocket), three relayed streams (one
between clients at different relays: "two relays"), new registrations and writes to the api all the while. Balancing is what a
balancer does that looks at `/readyz` twice a second.

A figure is the longest time without a success of that kind, in seconds, from the moment of the harm until all is well again; a
dash is less than 0.8 s (a probe runs every 0.2 s). "Lost" counts peers, keys and documents that had been acknowledged and were
not there afterwards, and bytes that arrived changed; where Redis is emptied on purpose, of the peers that were connected.

After each scenario the same holds, or the test fails: nothing is lost; every peer is reachable within one heartbeat (15 s) and
what a busy machine adds; tables are empty again; no process holds over 12 descriptors or 16 MiB more than before; a direct and
a relayed session work, end to end.

"""


@dataclasses.dataclass
class Outcome:
    what: str
    gaps: dict
    recovery: float
    lost: int


def table(outcomes, seed):
    out = [HEAD, f"Seed {seed}. Other seeds, longer runs: `make chaos LONG=1 SEED=n`.\n\n"]
    names = list(COLUMNS.values())
    out.append("| what was done | " + " | ".join(names) +
               " | all peers back after | lost |\n")
    out.append("|---" * (len(names) + 3) + "|\n")
    for o in outcomes:
        cells = [f"{o.gaps[k]:.1f}" if o.gaps[k] else "–" for k in COLUMNS]
        out.append(f"| {o.what} | " + " | ".join(cells) +
                   f" | {o.recovery:.1f} s | {o.lost} |\n")
    return "".join(out)
