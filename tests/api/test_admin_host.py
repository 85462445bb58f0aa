"""`api admin` and `rustdesk-utils admin`: the operator of the host, without HTTP."""
import os
import pty
import select
import signal
import stat
import subprocess

import pytest

from harness import BINARY, Api, Client, Redis, free_port, wait_for
from test_login import enable_totp, first_step

UTILS = os.path.join(os.path.dirname(BINARY), "rustdesk-utils")


def admin(world, *args, stdin="", program=BINARY, **env):
    return subprocess.run(
        [program, "admin", *args], timeout=60, encoding="utf-8", errors="surrogateescape",
        input=stdin if isinstance(stdin, str) else stdin.decode(errors="surrogateescape"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/",
        env={"PATH": os.environ["PATH"], "REDIS_URL": world.redis.url, **env})


def done(world, *args, **kw):
    r = admin(world, *args, **kw)
    assert r.returncode == 0, r.stderr
    return r.stdout


def fails(world, *args, code=1, **kw):
    r = admin(world, *args, **kw)
    assert r.returncode == code, (r.returncode, r.stdout, r.stderr)
    assert r.stdout == ""
    return r.stderr


def rows(world):
    return world.admin.get("/api/audits/console", pageSize=1000)["data"]


def test_a_password_from_standard_input_ends_the_sessions_and_is_audited(world):
    u = world.user()
    out = done(world, "reset-password", u.name, stdin="from standard input\nrest")
    assert out == f"{u.name}: password reset\n"
    u.refused("POST", "/api/currentUser", status=401)
    world.login(u.name, "from standard input")
    assert "error" in first_step(world, u.name)
    row = [r for r in rows(world) if r["info"] == f"{u.name}: password reset"][0]
    assert row["host"] is True and row["ip"] == "" and "operator of the host" in row["operator"]
    assert os.uname().nodename in row["operator"]


def test_a_password_from_a_file(world, tmp_path):
    u = world.user()
    path = tmp_path / "password"
    path.write_text("from a file\r\n")
    done(world, "reset-password", u.name, "--file", str(path))
    world.login(u.name, "from a file")
    assert "No such file" in fails(world, "reset-password", u.name, "--file", str(tmp_path / "no"))


def test_a_random_password_is_shown_once(world):
    u = world.user()
    out = done(world, "reset-password", u.name, "--random")
    password = out.split("shown once: ")[1].strip()
    assert len(password) >= 32
    world.login(u.name, password)
    assert password not in str(rows(world)) and password not in world.api.text()


def typed(world, *lines, args):
    """Runs it on a terminal of its own; (exit code, all that the terminal showed)."""
    pid, fd = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)    # a test run behind "&" ignores it
        os.environ["REDIS_URL"] = world.redis.url
        os.execv(BINARY, [BINARY, "admin", *args])
    shown = b""

    def read():
        ready, _, _ = select.select([fd], [], [], 20)
        assert ready, shown
        return os.read(fd, 1000)

    try:
        for prompts, line in enumerate(lines, 1):
            while shown.count(b": ") < prompts:
                shown += read()
            os.write(fd, line)
        while part := read():
            shown += part
    except OSError:  # the terminal's other end is gone
        pass
    except AssertionError:
        os.kill(pid, signal.SIGKILL)
        raise
    return os.waitpid(pid, 0)[1], shown


def test_a_typed_password_is_asked_twice_and_not_shown(world):
    u = world.user()
    status, shown = typed(world, b"typed by hand\n", b"typed by hand\n",
                          args=("reset-password", u.name))
    assert os.waitstatus_to_exitcode(status) == 0, shown
    assert b"typed by hand" not in shown and b"again: " in shown
    world.login(u.name, "typed by hand")


def test_two_different_typed_passwords_change_nothing(world):
    u = world.user()
    status, shown = typed(world, b"typed by hand\n", b"typed otherwise\n",
                          args=("reset-password", u.name))
    assert os.waitstatus_to_exitcode(status) == 1 and b"not the same" in shown
    world.login(u.name, u.password)


def test_control_c_at_the_prompt_changes_nothing(world):
    u = world.user()
    status, _ = typed(world, b"\x03", args=("reset-password", u.name))
    assert os.WTERMSIG(status) == signal.SIGINT
    world.login(u.name, u.password)


@pytest.mark.parametrize("password,says", [
    ("short\n", "8 characters"), ("", "8 characters"), ("x" * 257 + "\n", "too long"),
    ("with\0zero\n", "NUL"), ("tab\tbell\a\n", "control"),
    (b"l\xe4tin one\n", "UTF-8")])
def test_a_password_nobody_could_use_is_refused(world, password, says):
    u = world.user()
    assert says in fails(world, "reset-password", u.name, stdin=password)
    world.login(u.name, u.password)


def test_a_second_factor_is_removed(world):
    u = world.user(email=world.name("lost") + "@example.org")
    enable_totp(u)
    world.admin.done("PUT", f"/api/users/{u.guid}", dict(email_verification=True))
    done(world, "reset-second-factor", u.name)
    row = world.admin.get(f"/api/users/{u.guid}")
    assert (row["totp"], row["recovery_codes"], row["info"]["email_verification"]) == (False, 0, False)
    assert first_step(world, u.name)["type"] == "access_token"


def test_a_user_becomes_an_administrator_even_a_disabled_one(world):
    u = world.user()
    world.admin.done("POST", f"/api/users/{u.guid}/disable")
    done(world, "make-administrator", u.name.upper())
    world.login(u.name, u.password).get("/api/users")
    line = [s for s in done(world, "list").splitlines() if s.startswith(u.name + " ")]
    assert line and "enabled" in line[0] and "password only" in line[0]


def test_a_new_administrator_is_made(world):
    name = world.name("rescue")
    assert "--new" in fails(world, "make-administrator", name)
    out = done(world, "make-administrator", name, "--new", "--random")
    c = world.login(name, out.split("shown once: ")[1].strip())
    assert c.get("/api/currentUser")["is_admin"] is True
    assert "leave out --new" in fails(world, "make-administrator", name, "--new", "--random")
    bad = world.name("b") * 20
    assert "Invalid format" in fails(world, "make-administrator", bad, "--new", "--random")


def test_only_administrators_are_listed(world):
    u = world.user()
    names = [s.split()[0] for s in done(world, "list").splitlines()]
    assert "admin" in names and u.name not in names


def test_a_directorys_password_is_not_ours_to_set(world):
    u = world.user()
    doc = world.redis.do("HGET", "api:user", u.guid).replace(b'"source":"local"', b'"source":"ldap"')
    world.redis.do("HSET", "api:user", u.guid, doc)
    assert "directory" in fails(world, "reset-password", u.name, stdin="long enough\n")


def test_a_locked_out_administrator_gets_in_again(world):
    """Thirty wrong ones in an hour keep new addresses out; a reset forgets them."""
    u = world.user()
    for n in range(30):
        world.client(ip=f"198.51.100.{n}").post("/api/login", dict(username=u.name, password="no"))
    me = world.client(ip="198.51.100.200")
    body = dict(username=u.name, password="set by the host")
    done(world, "reset-password", u.name, stdin="set by the host\n")
    assert me.post("/api/login", body).json()["type"] == "access_token"


@pytest.mark.parametrize("args", [
    (), ("nonsense",), ("reset-password",), ("list", "somebody"),
    ("reset-password", "admin", "a password on the command line"),
    ("reset-second-factor", "admin", "--random"), ("reset-password", "admin", "--new"),
    ("reset-password", "admin", "--random", "--file", "x"), ("reset-password", "admin", "--file"),
    ("make-administrator", "admin", "--file", "x")])
def test_a_wrong_command_line_says_what_is_right(world, args):
    assert "usage: api admin" in fails(world, *args, code=2)


def test_an_unknown_user_is_named(world):
    for command in ("reset-second-factor", "reset-password"):
        assert "nobody-there: There is no such user" in fails(
            world, command, "nobody-there", stdin="long enough\n")


def test_without_redis_it_says_so():
    class Gone:
        class redis:
            url = f"redis://127.0.0.1:{free_port()}"

    for args in (("list",), ("reset-second-factor", "admin")):
        assert "Redis does not answer" in fails(Gone, *args)


def test_it_needs_redis_alone_and_makes_no_key_file(tmp_path):
    redis = Redis()
    api = Api(redis)
    api.stop()

    class World:
        pass

    World.redis = redis
    data = tmp_path / "data"
    out = done(World, "reset-password", "admin", "--random", DATA_DIR=str(data))
    assert not data.exists()
    again = Api(redis, data=api.dir)
    wait_for("the end of the first password's file",
             lambda: not os.path.exists(os.path.join(api.dir, "admin_password")))
    r = Client(again.base).post("/api/login", dict(
        username="admin", password=out.split("shown once: ")[1].strip()))
    assert r.json()["type"] == "access_token"
    again.stop()
    redis.stop()


def test_rustdesk_utils_runs_it(world):
    u = world.user()
    out = done(world, "reset-password", u.name, stdin="through the tool\n", program=UTILS)
    assert out == f"{u.name}: password reset\n"
    world.login(u.name, "through the tool")
    assert "usage: api admin" in done(world, "--help", program=UTILS)


@pytest.mark.parametrize("form", ["--redis-url X", "--redis-url=X", "-c FILE", "--config=FILE",
                                  "--config FILE --redis-url X"])
def test_rustdesk_utils_passes_on_which_redis_it_is(world, tmp_path, form):
    """And asks no file of the package then, however REDIS_URL stands."""
    url = world.redis.url
    conf = tmp_path / "api.conf"
    conf.write_text(f"REDIS_URL = {url}\n" if "X" not in form else "LOG_LEVEL = info\n")
    words = form.replace("X", url).replace("FILE", str(conf)).split()
    r = subprocess.run([UTILS, "admin", *words, "list"], timeout=60, text=True, cwd="/",
                       capture_output=True, env={"PATH": os.environ["PATH"]})
    assert r.returncode == 0 and "admin" in r.stdout, r.stderr


def test_rustdesk_utils_without_the_api_says_where_it_is(tmp_path, world):
    alone = tmp_path / "rustdesk-utils"
    alone.write_bytes(open(UTILS, "rb").read())
    alone.chmod(stat.S_IRWXU)
    assert "docker compose exec api" in fails(world, "list", program=str(alone), PATH=str(tmp_path))


def test_a_change_by_somebody_else_at_the_same_time_is_not_lost(world):
    u = world.user()
    runs = [subprocess.Popen(
        [BINARY, "admin", "make-administrator", u.name], stdout=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "REDIS_URL": world.redis.url}) for _ in range(4)]
    for n in range(20):
        world.admin.done("PUT", f"/api/users/{u.guid}", dict(note=str(n)))
    assert [r.wait(30) for r in runs] == [0] * 4
    row = world.admin.get(f"/api/users/{u.guid}")
    assert row["is_admin"] is True and row["note"] == "19"
