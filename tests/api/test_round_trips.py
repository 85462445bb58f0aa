"""What reads many things asks Redis as often as what reads one."""
import socket
import uuid

import pytest


class Watch:
    """What clients say to Redis about KEYS; what scripts do inside is not said."""

    def __init__(self, redis, *keys):
        self.redis, self.keys = redis, [f'"{k}"' for k in keys]
        self.sock = socket.create_connection(("127.0.0.1", redis.port), 20)
        self.file = self.sock.makefile("r", newline="\r\n")
        self.sock.sendall(b"MONITOR\r\n")
        assert self.file.readline() == "+OK\r\n"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.sock.close()

    def count(self, act):
        mark = str(uuid.uuid4())
        act()
        self.redis.do("ECHO", mark)
        n = 0
        while mark not in (line := self.file.readline()):
            n += " lua]" not in line and any(k in line for k in self.keys)
        return n

    def least(self, act):
        """Without what the api's own threads ask now and then."""
        return min(self.count(act) for _ in range(5))


def test_a_page_of_users_with_what_they_belong_to(world):
    names = {world.user(group_name=world.group()[0]).name for _ in range(4)}

    def page(size):
        rows = world.admin.get("/api/users", pageSize=size)["data"]
        assert len(rows) == min(size, len(rows))
        return rows

    rows = page(1000)
    assert names == {r["name"] for r in rows if r["name"] in names and r["group_name"]}
    with Watch(world.redis, "api:usergroup", "api:controlrole", "api:strategy") as watch:
        few = watch.least(lambda: page(len(rows) - 3))
        assert few > 0 and watch.least(lambda: page(len(rows))) == few


def test_devices_within_reach_with_owners_and_groups(world):
    def reach(n):
        u = world.user()
        for _ in range(n):
            world.device(user_name=u.name, device_group_name=world.group("device")[0])
        with Watch(world.redis, "api:devicegroup", "api:user") as watch:
            def look():
                rows = u.get("/api/peers", accessible="", pageSize=100)["data"]
                assert len([r for r in rows if r["device_group_name"]]) == n
            return watch.least(look)

    reach(1)
    one = reach(1)
    assert one > 0 and reach(4) == one


@pytest.mark.parametrize("way", ["into the bin", "back"])
def test_entries_that_move(world, way):
    u = world.user()
    book = u.post("/api/ab/shared/add", dict(name=world.name("book"))).json()["guid"]
    for i in range(6):
        u.done("POST", f"/api/ab/peer/add/{book}", dict(id=str(i)))

    def move(ids):
        if way == "into the bin":
            u.done("DELETE", f"/api/ab/peer/{book}", ids)
        else:
            u.done("POST", f"/api/ab/bin/restore/{book}", ids)

    if way == "back":
        u.done("DELETE", f"/api/ab/peer/{book}", list("012345"))
    keys = [f"api:book:peers:{book}", f"api:book:bin:{book}"]
    move(["0"])
    with Watch(world.redis, *keys) as watch:
        one = watch.count(lambda: move(["1"]))
        assert one > 0 and watch.count(lambda: move(["2", "3", "3", "4"])) == one
    left = {"5"} if way == "into the bin" else {"0", "1", "2", "3", "4"}
    rows = u.post("/api/ab/peers", ab=book, current=1, pageSize=100).json()["data"]
    assert {r["id"] for r in rows} == left
