"""The primary of three Redis nodes is killed while the site is in use."""

import load as loads
import pytest
from switch import Ledger, Sessions
from test_chaos import await_all, await_series
from three import until


@pytest.fixture(scope="module", name="load")
def loaded(request, town_of_three):
    made = loads.Load(town_of_three, request.config.option.seed).start(2)
    yield made
    made.stop()


def test_a_site_in_use_loses_nothing_that_a_replica_had(town_of_three, load):
    town, three = town_of_three, town_of_three.three
    sessions = Sessions(town.api)
    load.also("login", sessions.sign_in)
    await_all(load)
    await_series(load)

    old = until("a primary", three.told)
    before = Ledger(load, sessions)
    assert all((before.devices, before.groups, before.tokens))
    until("that replicas have it", lambda: three.copied(old, "mark"))
    three.kill(old)
    three.successor(old)
    at_switch = Ledger(load, sessions)
    sessions.most = 40      # room for sign-ins at the new one

    await_all(load)
    await_series(load)
    three.launch(old)
    until("all three again", three.whole)
    # Of whoever still writes there, while the others go on at the new one.
    assert "READONLY" in three.ask(old, "set", "late", "write")
    await_series(load)

    load.pause()
    after = Ledger(load, sessions).since(at_switch)
    assert all((after.devices, after.groups, after.tokens))
    assert before.missing(town, sessions) == []
    assert after.missing(town, sessions) == []
    assert load.corrupt == 0
    for program in town.programs:
        program.process.check_alive()
        assert program.process.starts == 1, program.name
