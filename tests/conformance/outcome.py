"""The table of all outcomes."""

import re

CASES = 155
SECTIONS = [
    (1, "Framing and parsing"), (18, "UDP registration"),
    (45, "TCP and WebSocket registration"), (57, "ID change"),
    (63, "NAT test and online query"), (73, "Punch hole"),
    (99, "Relay set-up and hbbr"),
    (125, "Secure TCP, hc, HTTP proxy"),
    (139, "WebSocket front, proxies, consoles, operations"),
]


def number(item):
    """The number in the name of a case's test, or None."""
    match = re.match(r"test_case_(\d{3})_", item.name)
    return int(match[1]) if match else None


def described(item):
    """(type, stimulus, expected) from a case's docstring."""
    text = " ".join((item.obj.__doc__ or "").split())
    kind, stimulus, expected = (p.strip() for p in text.split("|"))
    return kind, stimulus, expected


OURS = """# Conformance to the wire protocol

Written by `make conformance-table`. R: as the reference server; E: what
current clients need beyond it; S: hardening. What each outcome means:
tests/conformance/README.md.
"""
REFERENCE = """# Where the reference server differs

Written by `make conformance-reference`: the cases of conformance.md against
the reference server. R: its own behaviour, or a hardened form of it; E: what
current clients need beyond it; S: hardening. It loses some pairs whose halves
arrive together, so cases with relayed pairs, such as 151, may differ in one
run and pass in the next.
"""


class Outcomes:
    """The outcome of every case, and the table of them."""

    def __init__(self, reference):
        self.reference = reference
        self.rows = {}

    def add(self, item, report):
        n = number(item)
        if n is None:
            return
        rows = self.rows.setdefault(n, [])
        if report.skipped:
            reason = report.longrepr[2].removeprefix(
                "Skipped: ").removeprefix("not applicable: ")
            rows.append(("n/a", reason))
        elif report.failed:
            rows.append(("differs", "") if self.reference
                        else ("FAIL", first_line(report)))
        else:
            rows.append(("pass", ""))

    def result(self, n):
        """The worst outcome of case N: a case may have several tests."""
        order = ["FAIL", "differs", "n/a", "pass"]
        return min(self.rows.get(n, [("not run", "")]),
                   key=lambda r: order.index(r[0]) if r[0] in order else 9)

    def write(self, path, items):
        known = {number(i): described(i) for i in items if number(i)}
        counts = {}
        body = []
        for n in range(1, CASES + 1):
            title = next((t for first, t in SECTIONS if first == n), None)
            if title:
                body += ["", f"## {title}", "",
                         "| case | type | stimulus | expected | outcome |",
                         "|---|---|---|---|---|"]
            result, why = self.result(n)
            counts[result] = counts.get(result, 0) + 1
            kind, stimulus, expected = known.get(n, ("", "", ""))
            body.append(f"| {n} | {kind} | {stimulus} | {expected} | "
                        f"{result}{': ' + clean(why) if why else ''} |")
        total = ", ".join(f"{v} {k}" for k, v in sorted(counts.items()))
        head = REFERENCE if self.reference else OURS
        path.write_text("\n".join([head, f"{CASES} cases: {total}.", *body])
                        + "\n", encoding="utf-8")


def first_line(report):
    crash = getattr(report.longrepr, "reprcrash", None)
    return crash.message.splitlines()[0][:160] if crash else "error"


def clean(text):
    return " ".join(str(text).split()).replace("|", "/")
