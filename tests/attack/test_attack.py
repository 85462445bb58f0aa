"""One hostile party changes nothing for anybody else."""

import time

import attacks
import fleet as fleets
import pytest
import report

SHORT, LONG = 3, 20         # seconds of an attack
IDLE_SHORT, IDLE_LONG = 5, 20
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
        len(missing), slow, p99, more, back))
    assert not missing
    assert max(more.values()) <= MORE, more
    if long:
        assert p99 <= max(P99, 3 * delays[slow]), (slow, p99, delays[slow])
