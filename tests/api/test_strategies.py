"""What a strategy may fix, what a device gets of it, and what it was before."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATH = "/api/strategies"


def strategy(world, options=None, **more):
    body = dict(name=world.name("strategy"), config_options=options or {}, **more)
    return world.admin.post(PATH, body).json()


def assign(world, s, **to):
    world.admin.done("POST", PATH + "/assign", dict(strategy=s["guid"], **to))


def settings(client, d):
    answer = client.get(f"/api/devices/{d.guid}/strategy")
    return answer, {o["name"]: o for o in answer["options"]}


def test_the_catalogue_names_kind_default_and_values(world):
    options = {o["name"]: o for o in world.admin.get(PATH + "/options")}
    mode = options["approve-mode"]
    assert mode["kind"] == "choice" and mode["default"] in mode["values"]
    assert options["enable-audio"]["kind"] == "switch" and options["enable-audio"]["default"] == "Y"
    assert all(o["text"] and o["group"] for o in options.values())


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_setting_of_the_catalogue_has_its_words_in_the_console(world, language):
    source = (ROOT / f"services/web/console/texts/{language}/policy.ts").read_text()
    texts = dict(re.findall(r"'option\.([^']+)':\s*'([^']+)'", source))
    for o in world.admin.get(PATH + "/options"):
        assert o["name"] in texts
        assert language != "en" or texts[o["name"]] == o["text"]
        if o["kind"] == "choice" and not o["default"].isdigit():
            assert all(f"{o['name']}.{v}" in texts for v in o["values"])


@pytest.mark.parametrize("name, value, must", [
    ("enable-audio", "yes", "Y or N"),
    ("enable-audio", "Y N", "Y or N"),
    ("approve-mode", "passwor", "password-click password click"),
    ("direct-access-port", "21118x", "a number")])
def test_a_value_that_no_client_understands_is_refused_with_what_it_must_be(world, name, value, must):
    body = dict(name=world.name("s"), config_options={name: value})
    world.admin.refused("POST", PATH, body, says=f"{name} must be {must}")


def test_unknown_settings_and_the_clients_own_default_pass(world):
    options = {"a-new-option": "anything", "enable-audio": "", "approve-mode": "click"}
    s = strategy(world, options)
    assert world.admin.get(f"{PATH}/{s['guid']}")["config_options"] == options


def test_each_setting_says_where_it_comes_from_and_what_it_would_be_otherwise(world):
    d = world.device()
    name, group = world.group("device")
    user = world.user()
    world.admin.done("POST", f"/api/devices/{d.guid}/assign",
                     dict(type="device_group_name", value=name))
    world.admin.done("POST", f"/api/devices/{d.guid}/assign",
                     dict(type="user_name", value=user.name))
    wide = strategy(world, {"enable-audio": "N", "enable-camera": "N"})
    own = strategy(world, {"enable-audio": "Y", "x-own": "1"})
    assign(world, wide, groups=[group])
    assign(world, own, users=[user.guid])
    answer, options = settings(world.admin, d)
    assert answer["from"] == "user" and answer["strategy"]["guid"] == own["guid"]
    assert [(x["from"], x["applies"]) for x in answer["levels"]] == [
        ("user", True), ("device_group", False)]
    audio = options["enable-audio"]
    assert (audio["from"], audio["value"]) == ("user", "Y")
    assert audio["others"] == [dict(**{"from": "device_group"}, strategy=wide["name"], value="N",
                                    hidden=False)]
    assert options["x-own"]["value"] == "1"
    # Another level names it, but that one does not apply.
    assert options["enable-camera"]["from"] == "client" and "value" not in options["enable-camera"]
    assert options["enable-terminal"]["from"] == "client"
    assert options["enable-terminal"]["default"] == "Y"


def test_a_device_confirms_by_its_heartbeat(world):
    d = world.device()
    s = strategy(world, {"enable-audio": "N"})
    assign(world, s, peers=[d.guid])
    stamp = d.heartbeat()["modified_at"]
    assert settings(world.admin, d)[0]["confirmed"] is False
    # A time stamp of something else confirms nothing.
    d.heartbeat(modified_at=stamp - 1)
    assert settings(world.admin, d)[0]["confirmed"] is False
    assert d.heartbeat(modified_at=stamp) == {}
    answer, _ = settings(world.admin, d)
    assert answer["confirmed"] is True and answer["confirmed_at"] > 1.7e9
    assert world.admin.get("/api/devices", id=d.id)["total"] == 1
    world.admin.patch(f"{PATH}/{s['guid']}", dict(config_options={"enable-audio": "Y"}))
    assert settings(world.admin, d)[0]["confirmed"] is False


def test_secrets_are_shown_to_those_who_may_read_strategies(world):
    d = world.device()
    assign(world, strategy(world, {"bot": "secret-token", "enable-audio": "N"}), peers=[d.guid])
    answer, options = settings(world.token(device=1), d)
    assert options["bot"]["hidden"] and options["bot"]["value"] == ""
    assert options["enable-audio"]["value"] == "N"
    assert "config_options" not in answer["strategy"] and "secret-token" not in str(answer)
    assert settings(world.admin, d)[1]["bot"]["value"] == "secret-token"


def test_former_versions_are_kept_with_who_replaced_them(world):
    s = strategy(world, {"enable-audio": "N"}, note="first")
    path = f"{PATH}/{s['guid']}"
    assert world.admin.get(path + "/versions") == []
    world.admin.patch(path, dict(note="second", config_options={"enable-audio": "Y"}))
    world.admin.patch(path, dict(name=s["name"] + "-b"))
    newest, oldest = world.admin.get(path + "/versions")
    assert (oldest["note"], oldest["config_options"]) == ("first", {"enable-audio": "N"})
    assert (newest["note"], newest["name"]) == ("second", s["name"])
    assert oldest["replaced_by"] == "admin" and oldest["replaced_at"] > 1.7e9


def test_of_the_versions_the_newest_are_kept_and_none_of_a_deleted_strategy(world):
    s = strategy(world)
    path = f"{PATH}/{s['guid']}"
    for i in range(23):
        world.admin.patch(path, dict(note=str(i)))
    kept = world.admin.get(path + "/versions")
    assert [v["note"] for v in kept] == [str(i) for i in range(21, 1, -1)]
    world.admin.done("DELETE", path)
    world.admin.refused("GET", path + "/versions", status=404)
    assert world.redis.do("EXISTS", "api:strategy:versions:" + s["guid"]) == 0
