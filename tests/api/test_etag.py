"""Two administrators at one object: the second hears of the first."""

import pytest


def made(world):
    """Path of the list, what to create there, a change, how to read its tag."""
    return {
        "/api/strategies": dict(name=world.name("s")),
        "/api/control-roles": dict(name=world.name("c")),
        "/api/user-groups": dict(name=world.name("g")),
        "/api/device-groups": dict(name=world.name("d")),
        "/api/admin-roles": dict(name=world.name("r"), type="individual", perms=["devices.view"]),
        "/api/webhooks": dict(url="http://127.0.0.1:1/x", events=["alarm"], secret="x" * 16),
    }


CHANGES = {"/api/webhooks": [dict(enabled=False), dict(enabled=True)]}
NOTES = [dict(note="first"), dict(note="second")]


def tag_of(world, path, guid):
    r = world.admin.call("GET", f"{path}/{guid}")
    if "ETag" in r.headers:
        return r.headers["ETag"]
    answer = world.admin.get(path, pageSize=1000)
    rows = answer["data"] if isinstance(answer, dict) else answer
    return next(x["etag"] for x in rows if x["guid"] == guid)


def change(world, path, body, tag=None):
    return world.admin.call("PATCH", path, body, headers={"If-Match": tag} if tag else None)


@pytest.mark.parametrize("path", ["/api/strategies", "/api/control-roles", "/api/user-groups",
                                  "/api/device-groups", "/api/admin-roles", "/api/webhooks"])
def test_who_has_read_before_a_change_does_not_overwrite_it(world, path):
    guid = world.admin.post(path, made(world)[path]).json()["guid"]
    one = f"{path}/{guid}"
    first, second = CHANGES.get(path, NOTES)
    tag = tag_of(world, path, guid)
    assert change(world, one, first, tag).status_code == 200
    late = change(world, one, second, tag)
    assert late.status_code == 412 and "Somebody else has changed it" in late.text
    assert tag_of(world, path, guid) != tag
    assert change(world, one, second, tag_of(world, path, guid)).status_code == 200
    # Scripts that do not ask are not asked.
    assert change(world, one, first).status_code == 200
    assert change(world, one, first, "*").status_code == 200


def test_users_have_tags(world):
    u = world.user()
    path = f"/api/users/{u.guid}"
    tag = world.admin.call("GET", path).headers["ETag"]
    assert change(world, path, dict(note="a"), tag).status_code == 200
    assert change(world, path, dict(note="b"), tag).status_code == 412
    assert world.admin.get(path)["note"] == "a"


def test_settings_have_tags(world):
    path = "/api/settings/smtp"

    def put(tag, **values):
        return world.admin.call("PUT", path, values, headers={"If-Match": tag})

    tag = world.admin.call("GET", path).headers["ETag"]
    assert put(tag, host="mail.example.com").status_code == 200
    assert put(tag, host="other.example.com").status_code == 412
    assert world.admin.get(path)["host"] == "mail.example.com"
