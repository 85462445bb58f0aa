"""Keys, signatures and the secretbox layer of the protocol, on libsodium."""

import base64
import hashlib
import os

from nacl import bindings as sodium
from nacl.exceptions import CryptoError

import pb

ZERO_NONCE = bytes(24)


class Signer:
    """An Ed25519 key pair: the server's, or a device's."""

    def __init__(self, seed=None):
        self.pk, self.sk = sodium.crypto_sign_seed_keypair(
            seed or os.urandom(32))

    @property
    def text(self):
        return base64.b64encode(self.pk).decode()

    @property
    def secret_text(self):
        return base64.b64encode(self.sk).decode()

    def sign(self, data):
        return sodium.crypto_sign(data, self.sk)


SERVER = Signer(bytes(range(32)))           # the vector key
DEVICE = Signer(bytes(range(0x20, 0x40)))   # the vector device


def open_signed(data, pk):
    """What was signed, or ValueError."""
    try:
        return sodium.crypto_sign_open(data, pk)
    except CryptoError as e:
        raise ValueError(f"bad signature on {data.hex()}") from e


def signed_id_pk(data, server_pk):
    """(id, pk) inside a signed IdPk."""
    inner = pb.decode("IdPk", open_signed(data, server_pk))
    return inner.id, inner.pk


def box_pair(secret=None):
    """(public, secret) of a Curve25519 box key."""
    secret = secret or os.urandom(32)
    return sodium.crypto_scalarmult_base(secret), secret


def box(message, their_pk, my_sk):
    return sodium.crypto_box(message, ZERO_NONCE, their_pk, my_sk)


def box_open(boxed, their_pk, my_sk):
    return sodium.crypto_box_open(boxed, ZERO_NONCE, their_pk, my_sk)


class Channel:
    """A key and a counter for each direction (spec 1.4)."""

    def __init__(self, send_key, receive_key=None):
        self.send_key = send_key
        self.receive_key = receive_key or send_key
        self.sent = 0
        self.received = 0

    def seal(self, message):
        self.sent += 1
        return sodium.crypto_secretbox(
            message, self.sent.to_bytes(24, "little"), self.send_key)

    def unseal(self, data):
        if len(data) <= 1:
            return data
        self.received += 1
        try:
            return sodium.crypto_secretbox_open(
                data, self.received.to_bytes(24, "little"), self.receive_key)
        except CryptoError as e:
            raise ValueError(f"record {self.received} does not open") from e


def check_hello(message, server_pk):
    """The server's box key in its KeyExchange, after checking it."""
    keys = message.key_exchange.keys
    assert len(keys) == 1, f"{len(keys)} keys in the server's KeyExchange"
    assert len(keys[0]) == 96, f"key of {len(keys[0])} bytes"
    inner = open_signed(keys[0], server_pk)
    assert len(inner) == 32
    return inner


PARAMS_PREFIX = b"rdkx-params"


def marked(box_pk):
    """The server says that it speaks version 1 or newer."""
    return bool(box_pk[31] & 0x80)


def check_params(message, server_pk):
    """The version that the server has signed, as clients of 1.5 look."""
    exchange = message.key_exchange
    box_pk = check_hello(message, server_pk)
    if not marked(box_pk) and not exchange.signed_params:
        return 0
    signed = open_signed(exchange.signed_params, server_pk)
    assert signed.startswith(PARAMS_PREFIX), signed
    params = pb.decode("KxParams", signed[len(PARAMS_PREFIX):])
    assert params.pk == box_pk, "the parameters of another key"
    assert params.version == exchange.version, "another version"
    return params.version


def direction_keys(key, client_pk, server_box_pk, advertised, picked):
    """(client to server, server to client) of version 1."""
    def one(direction):
        text = b"".join([b"rdkx-spl", bytes([direction]),
                         advertised.to_bytes(4, "little"),
                         picked.to_bytes(4, "little"), client_pk,
                         server_box_pk])
        return hashlib.blake2b(text, key=key, digest_size=32).digest()
    return one(1), one(2)


def answer_hello(server_box_pk, secret=None, key=None, version=0):
    """(KeyExchange bytes, Channel) with which a client answers."""
    pk, sk = box_pair(secret)
    key = key or os.urandom(32)
    answer = {"keys": [pk, box(key, server_box_pk, sk)]}
    if version == 0:
        return pb.rendezvous(key_exchange=answer), Channel(key)
    answer["version"] = version
    return (pb.rendezvous(key_exchange=answer),
            Channel(*direction_keys(key, pk, server_box_pk, 1, version)))


def password_hash(password, salt, challenge):
    """(inner, final) digest of a login (spec 4.25, step 5)."""
    inner = hashlib.sha256(password.encode() + salt.encode()).digest()
    return inner, hashlib.sha256(inner + challenge.encode()).digest()


def public_bytes(text):
    """The 32 bytes of a public key in base64, or b"" if it is none."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    return raw if len(raw) == 32 else b""
