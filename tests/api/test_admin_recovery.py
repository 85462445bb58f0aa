"""Recovery codes, mail that does not leave, and the pages that mails lead to."""
import json
import re
import time
import urllib.parse

import pytest
import requests

from harness import Api, Redis, World, free_port, wait_for
from test_directory import mail_to, sink  # noqa: F401: a fixture
from test_login import enable_totp, first_step, second_step, totp


def mailed_user(world):
    u = world.user(email=world.name("mailed") + "@example.org")
    world.admin.done("PUT", f"/api/users/{u.guid}", dict(email_verification=True))
    return u


def renew(u, **proof):
    return u.post("/api/tfa/recovery", proof).json()["recovery_codes"]


@pytest.fixture()
def dead_mail(world):
    """SMTP is set up, and nobody listens there."""
    world.settings("smtp", enabled=True, host="127.0.0.1", port=free_port(), security="none",
                   **{"from": "server@example.org"})
    world.admin.refused("POST", "/api/settings/smtp/test", dict(to="a@example.org"))
    yield
    world.redis.do("DEL", "api:mail")
    world.settings("smtp", enabled=False)


def gauge(world):
    return re.search(r"^api_mail_failing (\d)", world.api.ops_get("/metrics").text, re.M)[1]


def test_fresh_codes_are_shown_once_and_end_the_old_ones(world):
    u = world.user()
    secret, old = enable_totp(u)
    assert u.get("/api/currentUser")["recovery_codes"] == 10
    new = renew(u, code=totp(secret))
    assert len(set(new)) == 10
    assert world.admin.get(f"/api/users/{u.guid}")["recovery_codes"] == 10
    doc = world.redis.do("HGET", "api:user", u.guid)
    assert not any(c.encode() in doc for c in new)
    assert "error" in second_step(world, u.name, first_step(world, u.name),
                                  next(c for c in old if c not in new))
    assert "access_token" in second_step(world, u.name, first_step(world, u.name), new[3])
    assert world.admin.get(f"/api/users/{u.guid}")["recovery_codes"] == 9


def test_a_session_alone_makes_no_codes(world):
    u = world.user()
    u.refused("POST", "/api/tfa/recovery", {}, says="Wrong credentials")
    u.refused("POST", "/api/tfa/recovery", dict(password="wrong"), says="Wrong credentials")
    world.client().refused("POST", "/api/tfa/recovery", dict(password=u.password), status=401)
    assert len(renew(u, password=u.password)) == 10
    # with one-time codes the password is not enough
    v = world.user()
    enable_totp(v)
    v.refused("POST", "/api/tfa/recovery", dict(password=v.password), says="wrong-2fa-code")


def test_a_recovery_code_does_in_place_of_a_mailed_one(world, sink):  # noqa: F811
    u = mailed_user(world)
    codes = renew(u, password=u.password)
    for want in ("access_token", "error"):  # once
        assert want in second_step(world, u.name, first_step(world, u.name), codes[0])


def test_who_has_no_recovery_code_is_told_that_mail_fails(world, dead_mail):
    u = mailed_user(world)
    assert "mail server does not work" in first_step(world, u.name)["error"]
    assert "Wrong" in first_step(world, u.name, "a wrong password")["error"]
    # a minute later one try finds out whether it works again
    def a_minute_later():  # unless a waiting mail has just failed again
        world.redis.do("HSET", "api:mail", "failed", 1)
        return first_step(world, u.name).get("type") == "email_check"

    wait_for("a try", a_minute_later)


def test_who_has_recovery_codes_is_told_to_use_them(world, dead_mail):
    u = mailed_user(world)
    codes = renew(u, password=u.password)
    first = first_step(world, u.name)
    assert first["type"] == "email_check" and "recovery code" in first["user"]["email"]
    assert "recovery codes" in second_step(world, u.name, first, "000000")["error"]
    assert "access_token" in second_step(world, u.name, first, codes[0])


def test_administrators_see_that_mail_fails_and_that_it_works_again(world, dead_mail):
    state = world.admin.get("/api/settings/smtp/status")
    assert state["enabled"] and state["failing"] and state["error"] and state["since"] > 0
    wait_for("the gauge", lambda: gauge(world) == "1")
    world.user().refused("GET", "/api/settings/smtp/status", status=403)


def pause_mail(world):
    """As after many failures, but for an hour: nobody waits for its end."""
    until = int(time.time() + 3600) * 1000
    for queue in ("sign-in", "mail"):
        world.redis.do("HSET", "api:jobs:paused", queue,
                       json.dumps(dict(until=until, failures=9, since=1, why="dead")))


def paused(world):
    return [q["target"] for q in world.admin.get("/api/queues")["data"] if q["paused_until"]]


def test_mail_that_leaves_ends_the_alarm(world, dead_mail, sink):  # noqa: F811
    world.redis.do("HSET", "api:mail", "failing", 1, "since", 1, "failed", 1, "why", "dead")
    pause_mail(world)
    world.admin.done("POST", "/api/settings/smtp/test", dict(to="a@example.org"))
    state = world.admin.get("/api/settings/smtp/status")
    assert not state["failing"] and state["ok_at"] > 0 and state["error"] == ""
    wait_for("the gauge", lambda: gauge(world) == "0")
    assert paused(world) == []


def test_new_mail_settings_end_what_was_known_of_the_old_server(world, dead_mail, request):
    u = mailed_user(world)
    assert "mail server does not work" in first_step(world, u.name)["error"]
    pause_mail(world)
    server = request.getfixturevalue("sink")
    assert first_step(world, u.name)["type"] == "email_check"
    mail_to(server, world.admin.get(f"/api/users/{u.guid}")["email"])
    wait_for("nothing fails", lambda: not world.admin.get("/api/settings/smtp/status")["failing"])
    assert paused(world) == []


def test_mail_that_is_switched_off_does_not_fail(world):
    world.settings("smtp", enabled=False)
    world.admin.refused("POST", "/api/settings/smtp/test", dict(to="a@example.org"))
    assert not world.admin.get("/api/settings/smtp/status")["failing"]


# ---- links and pages --------------------------------------------------------

PAGES = ("/invite", "/forgot", "/reset", "/two-factor")


def test_pages_load_nothing_from_elsewhere_and_run_in_no_frame(world):
    for path in PAGES:
        r = world.client().call("GET", path, status=200)
        assert r.headers["Content-Type"].startswith("text/html")
        csp = r.headers["Content-Security-Policy"]
        assert "default-src 'none'" in csp and "frame-ancestors 'none'" in csp
        assert "script-src 'self'" in csp
        for url in re.findall(r'(?:src|href)="([^"]+)"', r.text):
            there = world.client().call("GET", urllib.parse.urljoin(path, url), status=200)
            assert there.headers["X-Content-Type-Options"] == "nosniff"


def test_every_answer_forbids_frames_and_sniffing(world):
    for path in ("/forgot", "/api/version", "/api/users", "/api/nonsense"):
        r = requests.get(world.api.base + path, timeout=10)
        assert "frame-ancestors 'none'" in r.headers["Content-Security-Policy"]
        assert r.headers["X-Frame-Options"] == "DENY"
        assert r.headers["X-Content-Type-Options"] == "nosniff"
        assert r.headers["Referrer-Policy"] == "no-referrer"


def link_of(mail, page):
    """(page's address, secret) of the link in a mail."""
    link = re.search(rf"\S+/{page}#\S+", mail)[0]
    base, _, secret = link.partition("#")
    return base, secret


def test_an_invitation_leads_to_a_page_and_its_secret_is_in_the_fragment(world, sink):  # noqa: F811
    name = world.name("invited")
    world.admin.post("/api/users/invite", dict(name=name, email=name + "@example.org"))
    base, secret = link_of(mail_to(sink, name + "@example.org"), "invite")
    assert requests.get(base, timeout=10).status_code == 200
    assert secret not in base
    world.client().done("POST", "/api/invite/accept", dict(token=secret, password="my own password"))
    world.login(name, "my own password")


def test_a_required_second_factor_is_set_up_where_the_mail_leads(world, sink):  # noqa: F811
    u = world.user(email=world.name("must") + "@example.org")
    mail = world.admin.get(f"/api/users/{u.guid}")["email"]
    world.admin.done("PUT", "/api/users/tfa/totp/enforce", dict(user_guids=[u.guid], enforce=True))
    link = re.search(r"http\S+/two-factor", mail_to(sink, mail))[0]
    assert requests.get(link, timeout=10).status_code == 200


def test_the_set_up_has_a_code_to_scan_that_says_what_the_link_says(world, tmp_path):
    import shutil
    import subprocess
    import xml.etree.ElementTree as tree

    name = world.name("an odd & näme #") + "?"
    world.admin.post("/api/users", dict(name=name, password="correct horse"))
    setup = world.login(name, "correct horse").post("/api/tfa/totp/setup", {}).json()
    url = urllib.parse.urlsplit(setup["url"])
    assert urllib.parse.unquote(url.path) == "/" + name
    assert urllib.parse.parse_qs(url.query) == dict(secret=[setup["secret"]], issuer=["RustDesk"])
    svg = tree.fromstring(setup["qr"])
    side = int(svg.get("viewBox").split()[3])
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1", svg[1].get("d"))}
    if not shutil.which("zbarimg"):
        pytest.skip("no zbarimg")
    pixels = b"".join(b"\0" if (x // 6, y // 6) in dark else b"\xff"
                      for y in range(side * 6) for x in range(side * 6))
    path = tmp_path / "code.pgm"
    path.write_bytes(b"P5 %d %d 255 " % (side * 6, side * 6) + pixels)
    read = subprocess.run(["zbarimg", "-q", "--raw", path], stdout=subprocess.PIPE, text=True, timeout=30)
    assert read.stdout.strip() == setup["url"]


def forgot(world, name, ip="203.0.113.90", status=200):
    return world.client(ip=ip).call("POST", "/api/password/forgot", dict(username=name), status=status)


def code_of(mail):
    return re.search(r"asked for this mail: (\S+)", mail)[1]


def test_a_forgotten_password_is_set_anew_with_what_was_mailed(world, sink):  # noqa: F811
    u = world.user(email=world.name("forgot") + "@example.org")
    mail = world.admin.get(f"/api/users/{u.guid}")["email"]
    forgot(world, mail.upper())
    c = world.client()
    # a stranger chooses the Host header: no link without PUBLIC_URL
    text = mail_to(sink, mail)
    assert "http" not in text.split("\r\n\r\n", 1)[1]
    secret = code_of(text)
    assert secret.encode() not in b"".join(world.redis.do("KEYS", "api:reset:*"))
    c.refused("POST", "/api/password/reset", dict(token=secret, password="short"))
    c.done("POST", "/api/password/reset", dict(token=secret, password="brand new horse"))
    c.refused("POST", "/api/password/reset", dict(token=secret, password="brand new horse"))
    u.refused("POST", "/api/currentUser", status=401)
    world.login(u.name, "brand new horse")


def test_asking_says_the_same_for_everybody(world, sink):  # noqa: F811
    u = world.user(email=world.name("same") + "@example.org")
    off = world.user(email=world.name("off") + "@example.org")
    world.admin.done("POST", f"/api/users/{off.guid}/disable")
    without = world.user()
    for name in (u.name, off.name, without.name, "nobody-at-all", "nobody@example.org", ""):
        assert forgot(world, name, ip="203.0.113.91").content == b""
    mail_to(sink, world.admin.get(f"/api/users/{u.guid}")["email"])
    assert not any("off-" in m for m in sink.mails)


def test_asking_again_and_again_is_limited(world, sink):  # noqa: F811
    u = world.user(email=world.name("often") + "@example.org")
    mail = world.admin.get(f"/api/users/{u.guid}")["email"]
    for n in range(5):
        forgot(world, u.name, ip=f"203.0.113.{100 + n}")
    wait_for("mails", lambda: world.redis.do("ZCARD", "api:jobs:sign-in") == 0)
    assert sum(f"To: {mail}" in m for m in sink.mails) == 3
    for _ in range(20):
        forgot(world, "nobody", ip="203.0.113.92")
    forgot(world, "nobody", ip="203.0.113.92", status=429)


def test_a_forgotten_password_without_mail_says_so(world):
    assert "no mail" in forgot(world, "admin", status=400).json()["error"]


def test_a_forgotten_password_while_mail_fails_says_so(world, dead_mail):
    assert "mail server" in forgot(world, "admin", status=503).json()["error"]


def test_with_a_public_url_the_mail_has_a_link(tmp_path):
    from test_directory import Sink
    import socketserver
    import threading

    redis = Redis()
    w = World.__new__(World)
    w.redis, w.n = redis, 0
    w.api = Api(redis, PUBLIC_URL="https://127.0.0.1:1/desk/")
    w.admin = w.login("admin", w.api.admin_password())
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Sink)
    server.daemon_threads, server.mails = True, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        w.settings("smtp", enabled=True, host="127.0.0.1", port=server.server_address[1],
                   security="none", **{"from": "server@example.org"})
        w.user(email="link@example.org")
        forgot(w, "link@example.org")
        base, secret = link_of(mail_to(server, "link@example.org"), "reset")
        assert base == "https://127.0.0.1:1/desk/reset" and len(secret) > 40
    finally:
        server.shutdown()
        w.stop()
