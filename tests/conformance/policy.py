"""What the API writes for hbbs (ARCHITECTURE.md, "Policy"), by hand."""

import base64
import hashlib
import time
import uuid

from link import wait_until

ALICE = "0197f3a2-5d0e-7c12-9a91-b1df483c6073"
BOB = "0197f3a2-5d0e-7c12-9a91-b1df483c6074"


class Policy:
    def __init__(self, redis):
        self.redis = redis

    def settings(self, mode=1, require_deployment=0):
        self._set("policy:settings", "row", f"1 {mode} {require_deployment}")

    def user(self, guid=ALICE, name="Alice", flags=0, group="-", role="-"):
        self._set("policy:user", guid, f"1 {flags:x} {group} {role} {name}")

    def token(self, token, guid=ALICE):
        digest = hashlib.sha256(token.encode()).hexdigest()
        self._set(f"token:{digest}", "user", guid)

    def guest(self, link, uses=0, expires=1 << 40, flags=0, role="-"):
        self._set("policy:guest", link, f"1 {flags:x} {expires} {uses} {role}")

    def guest_ticket(self, token, link, peer_id, maker=ALICE):
        digest = hashlib.sha256(token.encode()).hexdigest()
        self.redis.command("HSET", f"token:{digest}", "maker", maker, "guest",
                           link, "device", peer_id)

    def guest_used(self, link):
        return int(self.redis.command("HGET", "policy:guest:used", link) or 0)

    def device(self, peer_id, owner="-", group="-", flags=0):
        self._set("policy:device", peer_id, f"1 {flags:x} {owner} {group}")

    def role(self, guid, permissions):
        self._set("policy:role", guid, f"1 {permissions:x}")

    def deployed(self, peer_id, machine, pk):
        text = [base64.b64encode(x).decode() for x in (machine, pk)]
        self._set("policy:deployed", peer_id, " ".join(text))

    def ban(self, of, until=0):
        """OF is "address NETWORK" or "device ID"."""
        self._set("policy:ban", of, f"1 {until}")
        self._ban_changed()

    def end_ban(self, of):
        self.redis.command("HDEL", "policy:ban", of)
        self._ban_changed()

    def _ban_changed(self):
        self.redis.command("SET", "policy:ban:rev", str(uuid.uuid4()))

    def leave(self, peer_id, ip):
        """Whoever proves to be PEER_ID at IP is to take another id."""
        self.redis.command("HSET", "policy:leave", f"{peer_id} {ip}",
                           f"1 {int(time.time()) + 300}")

    def grant(self, pk, verifier):
        self.redis.command("SET", f"switch:{pk.hex()}:{verifier}", "1", "EX",
                           "30")

    def conn_ref(self, ref):
        """Of a session; it is written beside the push, not before it."""
        key = f"conn:ref:{ref}"
        wait_until(lambda: self.redis.command("EXISTS", key))
        reply = self.redis.command("HGETALL", key)
        pairs = iter(x.decode() for x in reply)
        return dict(zip(pairs, pairs))

    def _set(self, key, field, value):
        self.redis.command("HSET", key, field, value)
        self.redis.command("INCR", "policy:rev")
