"""Guesses by a signed-in session and guesses in parallel count like log-ins."""
import pathlib
import threading

import pytest

from test_login import enable_totp, first_step, second_step, totp

MINUTE = 6  # failures of one address for one account


def together(n, act):
    out, start = [], threading.Barrier(n)

    def run(i):
        start.wait()
        out.append(act(i))

    threads = [threading.Thread(target=run, args=(i,)) for i in range(n)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    return out


def alarms(world, name):
    rows = world.admin.get("/api/audits/alarm", pageSize=1000)["data"]
    return [r["typ"] for r in rows if f'"{name}"' in r["info"]]


def fresh(world, u, n):
    """A client of U at an address of its own."""
    return world.client(u.token, ip=f"203.0.113.{n}")


def test_wrong_old_passwords_count_and_raise_an_alarm(world):
    u = world.user()
    c = fresh(world, u, 1)
    body = dict(old_password="wrong", password="another horse")
    for _ in range(MINUTE):
        c.refused("PUT", "/api/user/password", body, says="Wrong credentials")
    body["old_password"] = u.password
    c.refused("PUT", "/api/user/password", body, status=429, says="Too frequent")
    reply = world.client(ip="203.0.113.1").post(
        "/api/login", dict(username=u.name, password=u.password)).json()
    assert reply["error"] == "Too frequent"
    assert 4 in alarms(world, u.name)
    fresh(world, u, 2).done("PUT", "/api/user/password", body)


@pytest.mark.parametrize("path,body", [
    ("/api/tfa/totp/disable", dict(code="000000")),
    ("/api/tfa/recovery", dict(code="000000"))])
def test_wrong_codes_of_a_session_count_and_raise_an_alarm(world, path, body):
    u = world.user()
    secret, _ = enable_totp(u)
    c = fresh(world, u, 3)
    for _ in range(MINUTE):
        c.refused("POST", path, body, says="wrong-2fa-code")
    c.refused("POST", path, dict(code=totp(secret)), status=429)
    assert 4 in alarms(world, u.name)


def test_wrong_first_codes_count(world):
    u = world.user()
    c = fresh(world, u, 4)
    secret = c.post("/api/tfa/totp/setup", {}).json()["secret"]
    for _ in range(MINUTE):
        c.refused("POST", "/api/tfa/totp/confirm", dict(code="000000"), says="wrong-2fa-code")
    c.refused("POST", "/api/tfa/totp/confirm", dict(code=totp(secret)), status=429)


def test_a_name_and_an_address_are_one_account(world):
    u = world.user(email=world.name("two") + "@example.org")
    mail = world.admin.get(f"/api/users/{u.guid}")["email"]
    c = world.client(ip="203.0.113.5")
    for n in range(MINUTE):
        name = (u.name, mail, u.name.upper())[n % 3]
        assert c.post("/api/login", dict(username=name, password="no")).json()["error"] == "Wrong credentials"
    for name in (u.name, mail):
        assert c.post("/api/login", dict(username=name, password=u.password)).json()["error"] == "Too frequent"


def test_parallel_guesses_of_a_password_learn_no_more_than_the_limit(world):
    u = world.user()
    c = world.client(ip="203.0.113.6")

    def guess(i):
        return world.client(ip="203.0.113.6").post(
            "/api/login", dict(username=u.name, password=f"guess {i}")).json()["error"]

    said = together(24, guess)
    assert said.count("Wrong credentials") <= MINUTE
    assert said.count("Too frequent") >= 24 - MINUTE
    reply = c.post("/api/login", dict(username=u.name, password=u.password)).json()
    assert reply["error"] == "Too frequent"
    assert 4 in alarms(world, u.name)


def test_a_right_guess_among_wrong_ones_gives_no_more_of_them_than_a_log_in_does(world):
    """A log-in forgets the failures before it; so does a guess that is right."""
    u = world.user()

    def guess(i):
        word = u.password if i == 23 else f"guess {i}"
        reply = world.client(ip="203.0.113.7").post(
            "/api/login", dict(username=u.name, password=word)).json()
        return "right" if "access_token" in reply else reply["error"]

    said = together(24, guess)
    assert said.count("Wrong credentials") <= MINUTE * (2 if "right" in said else 1)


def test_parallel_right_passwords_all_pass(world):
    u = world.user()

    def sign_in(_):
        return world.client(ip="203.0.113.8").post(
            "/api/login", dict(username=u.name, password=u.password)).json()

    assert all("access_token" in r for r in together(16, sign_in))


def test_parallel_old_passwords_learn_no_more_than_the_limit(world):
    u = world.user()

    def guess(i):
        return fresh(world, u, 9).call("PUT", "/api/user/password", dict(
            old_password=f"guess {i}", password="another horse")).json()["error"]

    assert together(24, guess).count("Wrong credentials") <= MINUTE


def work_ns(api):
    """What all threads of the api have computed so far."""
    return sum(int(p.read_text().split()[0])
               for p in pathlib.Path(f"/proc/{api.proc.pid}/task").glob("*/schedstat"))


def test_setting_up_codes_hashes_for_names_that_exist_and_for_names_that_do_not(world):
    u = world.user()
    spent = {u.name: 0, "nobody-" + u.name: 0}
    for n in range(5):
        for name in spent:
            before = work_ns(world.api)
            world.client(ip=f"203.0.113.{10 + n}").refused(
                "POST", "/api/tfa/totp/setup", dict(username=name, password="wrong"),
                status=401, says="Wrong credentials")
            spent[name] += work_ns(world.api) - before
    there, absent = spent.values()
    assert absent > there / 3, spent


def test_a_password_alone_replaces_no_mailed_second_factor(world):
    u = world.user(email=world.name("m") + "@example.org")
    who = dict(username=u.name, password=u.password)
    world.client().refused("POST", "/api/tfa/totp/setup", who, status=403, says="Sign in first")
    world.admin.done("PUT", "/api/users/tfa/totp/enforce",
                     dict(user_guids=[u.guid], enforce=True, url=""))
    assert world.client().post("/api/tfa/totp/setup", who).json()["secret"]


def test_a_disabled_user_sets_up_nothing(world):
    u = world.user()
    world.admin.done("PUT", "/api/users/tfa/totp/enforce",
                     dict(user_guids=[u.guid], enforce=True, url=""))
    world.admin.done("POST", f"/api/users/{u.guid}/disable")
    world.client().refused("POST", "/api/tfa/totp/setup",
                           dict(username=u.name, password=u.password), status=401)


def test_a_challenge_is_judged_like_a_password(world):
    u = world.user()
    secret, _ = enable_totp(u)
    firsts = [first_step(world, u.name) for _ in range(4)]

    def guess(i):
        return second_step(world, u.name, firsts[i % 4], f"{i:06d}").get("error")

    assert together(20, guess).count("wrong-2fa-code") <= MINUTE
    assert second_step(world, u.name, firsts[0], totp(secret))["error"] == "Too frequent"
