"""Section 8.4: ID change, cases 57 to 62."""

import itertools

from link import wait_until
from test_2_udp import signed_pk

OK, MISMATCH, EXISTS, TOO_FREQUENT, BAD_FORMAT = 0, 2, 3, 4, 5
UNKNOWN_ID = "5a00"

_names = itertools.count(1)


def new_name():
    return f"newname{next(_names)}"


def change(server, device, new_id, **other):
    """The result of asking to rename DEVICE to NEW_ID."""
    return server.ask("register_pk_response", register_pk={
        "id": new_id, "old_id": device.id, "uuid": device.uuid,
        **other}).result


def check_renamed(site, device, server):
    name = new_name()
    old_id = device.id
    assert change(server, device, name) == OK
    assert site.failure(old_id) == UNKNOWN_ID
    device.id = name
    device.register_peer()      # answered 3a00, or asked for the key again
    wait_until(lambda: site.online(name) == [True])
    assert signed_pk(site, device) == device.signer.pk


def test_case_057_rename(case):
    """E | RegisterPk{old_id B1, id newname1, uuid-b1} on TCP | OK; old id
    gives ID_NOT_EXIST, new id keeps pk"""
    site = case.site()
    device = site.device().register()
    check_renamed(site, device, site.tcp(device.source))


def test_case_058_taken_name(case):
    """E | new id taken by another uuid | ID_EXISTS (8201020803)"""
    site = case.site()
    device, other = site.device().register(), site.device().register()
    name = new_name()
    assert change(site.tcp(other.source), other, name) == OK
    server = site.tcp(device.source)
    assert change(server, device, name) == EXISTS


def test_case_059_wrong_uuid(case):
    """E | wrong uuid for old_id | refused (not OK), nothing changed"""
    site = case.site()
    device = site.device().register()
    name = new_name()
    assert change(site.tcp(), device, name, uuid=b"guess") != OK
    assert site.failure(name) == UNKNOWN_ID
    assert signed_pk(site, device) == device.signer.pk


def test_case_060_bad_names(case):
    """E | new id "1abc", "ab", 17 characters, "a b c d e" |
    INVALID_ID_FORMAT (8201020805)"""
    site = case.site()
    device = site.device().register()
    for bad in ("1abc", "ab", "a" * 17, "a b c d e"):
        assert change(site.tcp(device.source), device, bad) == BAD_FORMAT, bad
    assert site.online(device.id) == [True]


def test_case_061_many_changes(case):
    """E | many changes quickly | TOO_FREQUENT"""
    site = case.site()
    device = site.device().register()
    for _ in range(50):
        name = new_name()
        result = change(site.tcp(device.source), device, name)
        if result == TOO_FREQUENT:
            return
        assert result == OK
        device.id = name
    raise AssertionError("50 changes in a row were accepted")


def test_case_062_rename_over_websocket(case):
    """E | same over WS 21118 | as 57"""
    site = case.site()
    device = site.device().register()
    check_renamed(site, device, site.ws(device.source))
