"""The encrypted session of two peers over any connection (spec 4.25)."""

import os

import keys
import pb
from link import WAIT

SALT, CHALLENGE = "abc123", "x7k2pq"


class Session:
    """One end; `link` carries whole messages (TCP frames or WebSocket)."""

    def __init__(self, link):
        self.link = link
        self.channel = None

    def send(self, **member):
        data = pb.Message("Message", **member).encode()
        self.link.send(self.channel.seal(data) if self.channel else data)

    def recv(self, name, wait=WAIT):
        data = self.link.recv(wait)
        if self.channel:
            data = self.channel.unseal(data)
        message = pb.decode("Message", data)
        assert message.which() == name, f"expected {name}, got {message}"
        return getattr(message, name)

    def close(self):
        self.link.close()


def serve(link, peer_id, signer, password, wait=WAIT):
    """B's side: handshake, challenge, login. Returns the Session."""
    s = Session(link)
    box_pk, box_sk = keys.box_pair()
    id_pk = pb.Message("IdPk", id=peer_id, pk=box_pk).encode()
    s.send(signed_id={"id": signer.sign(id_pk)})
    answer = s.recv("public_key", wait)
    s.channel = keys.Channel(keys.box_open(
        answer.symmetric_value, answer.asymmetric_value, box_sk))
    s.send(hash={"salt": SALT, "challenge": CHALLENGE})
    login = s.recv("login_request", wait)
    _, expected = keys.password_hash(password, SALT, CHALLENGE)
    if login.username != peer_id:
        s.send(login_response={"error": "Offline"})
    elif login.password != expected:
        s.send(login_response={"error": "Wrong Password"})
    else:
        s.send(login_response={"peer_info": {
            "username": "b", "hostname": "host-b", "platform": "Linux",
            "version": "1.4.9"}})
    return s


def control(link, peer_id, device_pk, password, my_id, wait=WAIT):
    """A's side; DEVICE_PK comes from the server's signed IdPk.
    Returns (Session, LoginResponse)."""
    s = Session(link)
    inner = keys.open_signed(s.recv("signed_id", wait).id, device_pk)
    id_pk = pb.decode("IdPk", inner)
    assert id_pk.id == peer_id and len(id_pk.pk) == 32, id_pk
    pk, sk = keys.box_pair()
    symmetric = os.urandom(32)
    s.send(public_key={"asymmetric_value": pk,
                       "symmetric_value": keys.box(symmetric, id_pk.pk, sk)})
    s.channel = keys.Channel(symmetric)
    challenge = s.recv("hash", wait)
    _, digest = keys.password_hash(
        password, challenge.salt, challenge.challenge)
    s.send(login_request={
        "username": peer_id, "password": digest, "my_id": my_id,
        "my_name": "tester", "version": "1.4.9", "my_platform": "Linux"})
    return s, s.recv("login_response", wait)
