"""One hostile party changes nothing for anybody else."""

import http.client
import signal
import time

import attacks
import fleet as fleets
import link
import pytest
import report

SHORT, LONG = 3, 10         # seconds of an attack
IDLE_SHORT, IDLE_LONG = 5, 10
MORE = 256 << 20            # bytes above idle
SLACK = 16 << 20            # of the allocator, and of tables that keep their size
BACK = 60                   # seconds until that is given back
P99 = 0.1                   # seconds, or three times what it is when idle


@pytest.fixture(scope="module")
def long(request):
    return request.config.option.long


@pytest.fixture(scope="module")
def idle(town, long):
    """Memory and delays while nobody attacks."""
    time.sleep(2)       # everybody has called once
    began = time.monotonic()
    time.sleep(IDLE_LONG if long else IDLE_SHORT)
    assert not lost(town, began)
    return town.memory(), {
        n: fleets.percentile(c.since(began))
        for n, c in town.fleet.calls.items()}


def lost(town, began):
    return [(n, why) for n, c in town.fleet.calls.items()
            for _, _, why in c.since(began) if why]


def slowest(town, began):
    """(its name, its p99) of the kind of call that was slowest."""
    return max(((n, fleets.percentile(c.since(began)))
                for n, c in town.fleet.calls.items()), key=lambda x: x[1])


def back_to(town, before):
    """Seconds until each service has what it had; Redis may keep what it was
    given."""
    began = time.monotonic()
    while True:
        over = {n: now for n, now in town.memory().items()
                if n != "redis" and now > before[n] * 1.1 + SLACK}
        waited = time.monotonic() - began
        if not over:
            return waited
        assert waited < BACK, f"still has it: {over}, before: {before}"
        time.sleep(0.2)


@pytest.mark.parametrize("name", attacks.ATTACKS)
def test_an_attack_changes_nothing_for_anybody_else(
        town, idle, outcomes, long, name):
    memory, delays = idle
    town.forget_peaks()
    began = time.monotonic()
    with town.attacked(name, LONG if long else SHORT) as times:
        pass
    assert times[0] > 0, f"nobody was attacked: {times}"
    print(f"\n{name}: {times[0]} times, {times[1]} times refused")
    back = back_to(town, memory)
    town.fleet.settle()
    slow, p99 = slowest(town, began)
    more = {n: p - memory[n] for n, p in town.peaks().items()}
    missing = lost(town, began)
    outcomes.append(report.Outcome(
        attacks.ATTACKS[name],
        sum(len(c.since(began)) for c in town.fleet.calls.values()),
        len(missing), slow, p99, delays[slow], more, back))
    assert not missing, "\n".join(map(str, [*missing, town.words()]))
    assert max(more.values()) <= MORE, more
    if long:
        assert p99 <= max(P99, 3 * delays[slow]), (slow, p99, delays[slow])


# ---- what all depend on is gone ----------------------------------------------

KNOWN = ("heartbeat", "stream")     # of devices, and of sessions
STOPPED = 6                         # seconds
WELL = 5                            # seconds after the cause has gone


def await_all_well(town):
    """Seconds until calls of each kind, begun from now on, are answered."""
    began = time.monotonic()

    def well():
        return all(any(at >= began and not why for at, _, why in list(c.made))
                   for c in town.fleet.calls.values())
    link.wait_until(well, 60)
    return max(min(at + took for at, took, why in list(c.made)
                   if at >= began and not why)
               for c in town.fleet.calls.values()) - began


def before_an_outage(town):
    """(memory, p99 of the known, now), after a while without trouble."""
    await_all_well(town)
    began = time.monotonic()
    time.sleep(2)
    return town.memory(), {
        n: fleets.percentile(town.fleet.calls[n].since(began))
        for n in KNOWN}, time.monotonic()


def note_outage(town, what, began, back, memory, usual, outcomes):
    """Asserts what the known may expect."""
    town.fleet.settle()
    known = {n: c.since(began) for n, c in town.fleet.calls.items()
             if n in KNOWN}
    missing = [(n, why) for n, calls in known.items()
               for _, _, why in calls if why]
    slow, p99 = max(((n, fleets.percentile(c)) for n, c in known.items()),
                    key=lambda x: x[1])
    more = {n: p - memory[n] for n, p in town.peaks().items()}
    outcomes.append(report.Outcome(
        what, sum(map(len, known.values())), len(missing), slow, p99,
        usual[slow], more, back))
    assert not missing, "\n".join(map(str, [*missing, town.words()]))
    assert max(more.values()) <= MORE, more


def answer(town, path, token=None):
    """(status, seconds) of one call."""
    began = time.monotonic()
    status, _ = town.fleet.http("GET", path, token=token)
    return status, time.monotonic() - began


def test_without_redis_the_known_go_on_and_others_are_told_at_once(
        town, outcomes, long):
    memory, usual, began = before_an_outage(town)
    town.forget_peaks()
    redis = town.stack.redis.process.child
    redis.send_signal(signal.SIGSTOP)
    try:
        # Known to be away after two calls in a row that were waited for.
        link.wait_until(lambda: answer(
            town, "/api/devices", town.boss.token)[0] == 503, 30)
        told = [answer(town, "/api/devices", town.boss.token)
                for _ in range(20)]
        link.wait_until(lambda: town.stack.ops(
            town.stack.api, "/readyz")[0] == 503, 30)
        time.sleep(max(0, began + STOPPED - time.monotonic()))
    finally:
        redis.send_signal(signal.SIGCONT)
    back = await_all_well(town)
    note_outage(town, f"Redis stands still for {STOPPED} s: known devices and "
                "their sessions", began, back, memory, usual, outcomes)
    assert {status for status, _ in told} == {503}
    if long:
        assert max(seconds for _, seconds in told) < 1
        assert back < WELL


def stranger(town):
    """(status, seconds) of a call of somebody new; 0: he is turned away. Who
    hears nothing at all is an error."""
    began = time.monotonic()
    try:
        status, _ = town.fleet.http("GET", "/api/devices",
                                    source=town.fleet.case.ip())
    except (ConnectionError, http.client.HTTPException):
        status = 0
    return status, time.monotonic() - began


def test_without_descriptors_the_known_go_on_and_all_is_well_afterwards(
        small_town, outcomes, long):
    town, seconds = small_town, LONG if long else SHORT
    memory, usual, began = before_an_outage(town)
    town.forget_peaks()
    told = []
    with town.attacked("descriptors", seconds) as times:
        while time.monotonic() < began + seconds:
            told.append(stranger(town))
    back = await_all_well(town)
    note_outage(town, "60 descriptors, and 240 connections that want one: "
                "known devices and their sessions", began, back, memory,
                usual, outcomes)
    assert times[0] > 0
    assert told and {status for status, _ in told} <= {401, 503, 0}, told
    if long:
        assert max(took for _, took in told) < 1
        assert back < WELL
