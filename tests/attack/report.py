"""The table of docs/security.md from the outcomes of a run."""

import dataclasses
import pathlib

BEGIN, END = "<!-- attacks -->", "<!-- end of attacks -->"
MIB = 1 << 20
HEAD = """
| attack, from four addresses | honest calls | lost | p99, ms | hbbs | hbbr | api | Redis | back after |
|---|---|---|---|---|---|---|---|---|
"""
SERVICES = ("hbbs", "hbbr", "api", "redis")


@dataclasses.dataclass
class Outcome:
    what: str
    calls: int
    lost: int
    slowest: str        # the kind of call with the highest p99 ...
    p99: float          # ... and that, in seconds
    idle: float         # what it is when nobody attacks
    more: dict          # service -> bytes above idle, at most
    back: float         # seconds until it was as before


def row(o):
    more = " | ".join(f"{max(0, o.more[s]) / MIB:.0f}" for s in SERVICES)
    return (f"| {o.what} | {o.calls} | {o.lost} | {o.p99 * 1000:.0f} "
            f"({o.slowest}, idle {o.idle * 1000:.0f}) | {more} | "
            f"{o.back:.0f} s |\n")


def write(path, outcomes):
    """Puts the table between the two marks of the file at PATH."""
    file = pathlib.Path(path)
    before, rest = file.read_text().split(BEGIN)
    after = rest.split(END)[1]
    file.write_text(before + BEGIN + HEAD + "".join(map(row, outcomes)) + END +
                    after)
