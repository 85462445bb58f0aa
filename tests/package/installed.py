"""What the tests ask of a machine with the package on it."""

import http.client
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNITS = ("redis", "hbbs", "hbbr", "api")
OURS = ("hbbs", "hbbr", "api")
STATE = "/var/lib/rustdesk-server"
WAIT_S = 60


def until(what):
    end = time.monotonic() + WAIT_S
    while True:
        try:
            if result := what():
                return result
            problem = "nothing"
        except (AssertionError, OSError, http.client.HTTPException) as e:
            problem = e
        assert time.monotonic() < end, f"not within {WAIT_S} s: {problem!r}"
        time.sleep(0.1)


def active(machine):
    return {u: machine.run("systemctl", "is-active", f"rustdesk-{u}",
                           check=False).strip() for u in UNITS}


def ready(machine):
    for name in OURS:
        machine.run("rustdesk-utils", "healthcheck", name)
    return True


def key(machine):
    return machine.run("cat", f"{STATE}/public/id_ed25519.pub").strip()


def relayed(case):
    """A session through the relay: both ends."""
    device = case.site().device(auto=True).register()
    session, _ = case.site().controller(force_relay=True).connect(device.id)
    served = device.next_session()
    passes(session, served, 1)
    return session, served


def passes(session, served, number):
    session.send(test_delay={"time": number})
    assert served.recv("test_delay").time == number
