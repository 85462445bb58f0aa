"""A town on three Redis nodes, and what must not be lost in a switch-over."""

import copy
import itertools
import time

import load as loads
import town
from three import Three

PORTS = list(range(7001, 7007))     # among the servers nobody else is


class Town(town.Town):
    """As ever, but its programs ask sentinels where Redis is."""

    def __init__(self, network, room, folder, binaries):
        super().__init__(network, room, folder, binaries)
        where = self.redis_disk.path / "three"
        where.mkdir()
        self.redis = self.three = Three(where, PORTS, command=network.command)
        for program in self.programs:
            program.process.env["REDIS_URL"] = self.three.url


class Sessions:
    """Sign-ins, each from another device, at most `most`, which is fewer than
    one user may have; each token that was given out is remembered."""

    def __init__(self, api):
        self.api, self.tokens, self.most = api, set(), 20
        self.ids = itertools.count(900000100)

    def sign_in(self):
        if len(self.tokens) >= self.most:
            return self.valid(next(iter(self.tokens)))
        status, body = self.api.call("POST", "/api/login", {
            "username": "admin", "password": town.ADMIN, "type": "account",
            "id": str(next(self.ids)), "uuid": "dXVpZA=="})
        if status == 200:
            self.tokens.add(body["access_token"])
        time.sleep(1)
        return status == 200

    def valid(self, token):
        visitor = copy.copy(self.api)
        visitor.token = token
        return visitor.call("POST", "/api/currentUser", {
            "id": "900000002", "uuid": "dXVpZA=="}, 10)[0] == 200


class Ledger:
    """What was acknowledged up to a moment: devices, groups, tokens."""

    def __init__(self, load, sessions):
        self.devices = dict(load.acknowledged)
        self.groups, self.tokens = set(load.groups), set(sessions.tokens)

    def since(self, before):
        """What came after BEFORE."""
        made = copy.copy(self)
        made.devices = {i: pk for i, pk in self.devices.items()
                        if i not in before.devices}
        made.groups = self.groups - before.groups
        made.tokens = self.tokens - before.tokens
        return made

    def missing(self, site, sessions):
        """Of it, what is not there."""
        stored, groups = loads.records(site.redis), site.api.groups()
        return ([i for i, pk in self.devices.items() if stored.get(i) != pk]
                + sorted(self.groups - groups)
                + [f"token {t[:8]}" for t in self.tokens
                   if not sessions.valid(t)])
