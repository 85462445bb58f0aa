"""Harm, and what must hold afterwards. Scenarios run in an order that the
seed decides, on one town, so that each begins with what the last one left."""

import time

import load as loads
import pytest
import report
from link import Timeout

# One heartbeat of a client, and what a machine that does much else adds.
HEARTBEAT, MARGIN = 15, 15
SETTLE = 40         # descriptors, tables and parked halves (30 s)
MORE_MEMORY, MORE_DESCRIPTORS = 16 << 20, 12


@pytest.fixture(scope="module")
def usage(the_town, the_load):
    """What every program uses after ten quiet seconds of load."""
    time.sleep(10)
    the_load.pause()
    settle(the_town, the_load)
    before = the_town.usage()
    the_load.resume()
    return before


def test_scenario(the_town, the_load, scenario, chance, usage, outcomes):
    town, load = the_town, the_load
    await_all(load)
    load.weather.loss = 0
    began = time.monotonic()
    scenario.run(town, load, chance)
    if scenario.forgets:
        load.groups.clear()
        load.acknowledged = {p.id: p.signer.pk for peers in
                             load.peers.values() for p in peers}
    recovery = await_all(load)
    await_series(load)
    gaps = {name: s.gap(began) for name, s in load.series.items()}
    load.whole_sessions()
    load.pause()
    try:
        lost = missing(town, load)
        end = time.monotonic() + HEARTBEAT
        while scenario.forgets and lost and time.monotonic() < end:
            time.sleep(0.5)     # it is told again over a round of 8 s
            lost = missing(town, load)
        settle(town, load)
        compare(town.usage(), usage)
    finally:
        load.resume()
    assert lost == [], f"acknowledged and lost: {lost}"
    assert load.corrupt == 0
    assert load.bytes > 0
    outcomes.append((scenario.name, report.Outcome(
        scenario.what, gaps, recovery, len(lost))))


def await_all(load):
    """Until every peer has been reached once; the seconds it took."""
    began, waiting = time.monotonic(), [
        p for peers in load.peers.values() for p in peers]
    while waiting:
        try:
            if load.reach(waiting[0]):
                waiting.pop(0)
                continue
        except (Timeout, *loads.BROKEN):
            pass
        waited = time.monotonic() - began
        assert waited < HEARTBEAT + MARGIN, (
            f"not reachable after {waited:.0f} s: "
            f"{[(p.mode, p.id) for p in waiting]}")
        time.sleep(0.1)
    return time.monotonic() - began


def await_series(load):
    """Until every kind of probe succeeds again."""
    began = time.monotonic()
    while late := [s.name for s in load.series.values()
                   if not s.good or s.good[-1] < began]:
        assert time.monotonic() < began + HEARTBEAT + MARGIN, (
            f"does not work: {late}")
        time.sleep(0.1)


def missing(town, load):
    """What was acknowledged and is not there."""
    stored = loads.records(town.redis)
    lost = [i for i, pk in list(load.acknowledged.items())
            if stored.get(i) != pk]
    return lost + sorted(load.groups - town.api.groups())


def settle(town, load):
    """Until the tables have the size of a quiet town."""
    streams = sum(len(load.peers[m]) for m in ("tcp", "ws"))
    end = time.monotonic() + SETTLE
    while True:
        sizes = {
            "hbbs_connections": town.total(
                town.nodes, "hbbs_connections") - streams,
            **{name: town.total(town.nodes, name) for name in (
                "hbbs_parked_messages", "hbbs_presence_queue")},
            **{name: town.total(town.relays, name) for name in (
                "hbbr_sessions", "hbbr_waiting", "hbbr_handshaking",
                "hbbr_bridge_buffer_bytes")}}
        if not any(sizes.values()):
            return
        assert time.monotonic() < end, f"still in the tables: {sizes}"
        time.sleep(0.2)


def compare(now, before):
    for name, (descriptors, memory) in now.items():
        assert descriptors <= before[name][0] + MORE_DESCRIPTORS, (
            f"{name}: {before[name][0]} descriptors became {descriptors}")
        assert memory <= before[name][1] + MORE_MEMORY, (
            f"{name}: {before[name][1]} bytes became {memory}")


def test_nothing_was_written_that_should_not_be(the_town, the_load):
    """A last look: programs alive, no complaint in any log of theirs."""
    for program in the_town.programs:
        program.process.check_alive()
        logs = sorted(the_town.folder.rglob(f"{program.name}.*.log"))
        assert logs
        for log in logs:
            assert not loads.BAD_TEXT.search(
                log.read_text(errors="replace")), log
