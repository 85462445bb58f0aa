"""What is done to the town. Each scenario is a function of (town, load,
chance); when it returns, nothing is broken any more, and LIMIT seconds later
at most everybody must be reachable."""

import dataclasses
import time

SCENARIOS = {}


@dataclasses.dataclass
class Scenario:
    name: str
    what: str               # for the table
    run: object
    forgets: bool = False   # what Redis held is gone: that is the scenario


def scenario(what, forgets=False):
    def add(function):
        name = function.__name__
        SCENARIOS[name] = Scenario(name, what, function, forgets)
        return function
    return add


def _kill(program, chance):
    program.kill()
    time.sleep(chance.uniform(0.5, 3))
    program.start()


@scenario("an hbbs: SIGKILL, started again after 0.5 to 3 s")
def kill_hbbs(town, load, chance):
    _kill(chance.choice(town.nodes), chance)


@scenario("an hbbr: SIGKILL, started again after 0.5 to 3 s")
def kill_hbbr(town, load, chance):
    _kill(chance.choice(town.relays), chance)


@scenario("the api: SIGKILL, started again after 0.5 to 3 s")
def kill_api(town, load, chance):
    _kill(town.api, chance)


@scenario("every process but Redis: SIGKILL and start, in random order, "
          "the next while the last one starts")
def kill_all(town, load, chance):
    for program in chance.sample(town.programs, len(town.programs)):
        program.kill()
        time.sleep(chance.uniform(0.2, 1.5))
        program.start(wait=False)
    for program in town.programs:
        program.await_ready()


@scenario("Redis: SIGKILL while it writes, started again after 3 s")
def kill_redis(town, load, chance):
    town.redis.kill()
    time.sleep(3)
    town.restart_redis()


@scenario("Redis: SIGKILL, its files deleted, started again empty", True)
def empty_redis(town, load, chance):
    town.redis.kill()
    town.restart_redis(empty=True)
    town.api.kill()             # it made its administrator at the start
    town.api.start()
    town.api.sign_in()


@scenario("Redis refuses writes: maxmemory, noeviction, 6 s")
def full_redis(town, load, chance):
    town.redis.command("CONFIG", "SET", "maxmemory", "1")
    time.sleep(6)
    town.redis.command("CONFIG", "SET", "maxmemory", "0")


@scenario("Redis does nothing for 1 s, three times")
def sleeping_redis(town, load, chance):
    for _ in range(3):
        town.redis.command("DEBUG", "SLEEP", "1")
        time.sleep(0.5)


@scenario("one hbbs has a Redis that answers after 1 s, for 8 s")
def slow_cable(town, load, chance):
    node = chance.choice(town.nodes)
    node.cable.delay = 0.5
    time.sleep(8)
    node.cable.delay = 0


@scenario("one hbbs is cut from Redis, and so from the other, for 8 s")
def cut_one(town, load, chance):
    node = chance.choice(town.nodes)
    node.cable.cut()
    time.sleep(8)
    node.cable.heal()


@scenario("everything is cut from Redis for 8 s")
def cut_all(town, load, chance):
    for program in town.programs:
        program.cable.cut()
    time.sleep(8)
    for program in town.programs:
        program.cable.heal()


@scenario("the relays do not reach each other for 8 s")
def estrange_relays(town, load, chance):
    with town.estranged():
        time.sleep(8)


@scenario("no client reaches one hbbs for 8 s, nor does it reach one")
def isolate_hbbs(town, load, chance):
    node = chance.choice(town.nodes)
    with town.unreachable(node):
        town.away.add(node)
        time.sleep(8)
    town.away.discard(node)


@scenario("one hbbs stands still for 8 s (SIGSTOP), longer than its lease")
def freeze_hbbs(town, load, chance):
    node = chance.choice(town.nodes)
    node.pause()
    time.sleep(8)
    node.resume()


@scenario("the disk of Redis is full for 6 s")
def full_redis_disk(town, load, chance):
    town.redis_disk.fill()
    time.sleep(6)
    town.redis_disk.free()


@scenario("the disk of the api is full for 4 s; it is restarted on it")
def full_api_disk(town, load, chance):
    town.api_disk.fill()
    time.sleep(2)
    town.api.kill()
    town.api.start()
    time.sleep(2)
    town.api_disk.free()


@scenario("the disks of hbbs and hbbr are full for 4 s; one of each is "
          "restarted on it")
def full_server_disks(town, load, chance):
    for disk in town.server_disks:
        disk.fill()
    for program in (chance.choice(town.nodes), chance.choice(town.relays)):
        program.kill()
        program.start()
    time.sleep(4)
    for disk in town.server_disks:
        disk.free()


@scenario("every wall clock jumps an hour ahead, and back after 5 s")
def clock_ahead(town, load, chance):
    town.clocks.set(3600)
    time.sleep(5)
    town.clocks.set(0)


@scenario("every wall clock jumps an hour back, and on after 5 s")
def clock_back(town, load, chance):
    town.clocks.set(-3600)
    time.sleep(5)
    town.clocks.set(0)


@scenario("the wall clock of one hbbs is an hour wrong for 8 s")
def clock_of_one(town, load, chance):
    node = chance.choice(town.nodes)
    town.clocks.set(chance.choice([-3600, 3600]), node.name)
    time.sleep(8)
    town.clocks.set(0, node.name)


@scenario("of the datagrams 20 % are lost, 10 % come twice, 20 % late, 10 s")
def bad_weather(town, load, chance):
    w = load.weather
    w.loss, w.twice, w.late = 0.2, 0.1, 0.2
    time.sleep(10)
    w.loss = w.twice = w.late = 0
