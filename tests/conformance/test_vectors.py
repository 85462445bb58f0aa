"""The byte vectors of the specification against the suite's own encoder.

They keep the suite honest: what it sends and expects is what they say.
"""

import random

import pytest

import frame
import keys
import mangle
import pb

PUBLIC_KEY = "OeVuKk5nlHiXp+APNn0Y3pC1Iwpwn44JGqrQCsWqmBw="
UUID = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
A = mangle.encode("203.0.113.7", 50000, 0xDEADBEEF)
RELAY = "relay.example.com:21117"

MESSAGES = [
    ("320d0a093132333435363738391003",
     {"register_peer": {"id": "123456789", "serial": 3}}),
    ("3a00", {"register_peer_response": {}}),
    ("3a021001", {"register_peer_response": {"request_pk": True}}),
    ("820100", {"register_pk_response": {"result": "OK"}}),
    *[(f"820102080{n}", {"register_pk_response": {"result": n}})
      for n in range(2, 9)],
    ("820102101e", {"register_pk_response": {"keep_alive": 30}}),
    ("a20100", {"test_nat_request": {}}),
    ("a201020803", {"test_nat_request": {"serial": 3}}),
    ("aa010408b1a803", {"test_nat_response": {"port": 54321}}),
    ("42440a0931323334353637383910021a2c4f6556754b6b356e6c486958702b41504e6e"
     "305933704331497770776e34344a47717251437357716d42773d3205312e342e394001",
     {"punch_hole_request": {
         "id": "123456789", "nat_type": "SYMMETRIC",
         "licence_key": PUBLIC_KEY, "version": "1.4.9",
         "force_relay": True}}),
    ("4a2a0a0b3f82df7d5bbd757f3dcc01121772656c61792e6578616d706c652e636f6d3a"
     "323131313718022801",
     {"punch_hole": {"socket_addr": A, "relay_server": RELAY,
                     "nat_type": "SYMMETRIC", "force_relay": True}}),
    ("5a00", {"punch_hole_response": {}}),
    ("5a021802", {"punch_hole_response": {"failure": "OFFLINE"}}),
    ("5a021803", {"punch_hole_response": {"failure": "LICENSE_MISMATCH"}}),
    ("5a021804", {"punch_hole_response": {"failure": "LICENSE_OVERUSE"}}),
    ("ba01210a0931313131313131313112093132333435363738391209393837363534333231",
     {"online_request": {"id": "111111111",
                         "peers": ["123456789", "987654321"]}}),
    ("c201030a0180", {"online_response": {"states": b"\x80"}}),
    ("d201050a03746f6b", {"hc": {"token": "tok"}}),
    ("920154122436626137623831302d396461642d313164312d383062342d303063303466"
     "643433306338322c4f6556754b6b356e6c486958702b41504e6e305933704331497770"
     "776e34344a47717251437357716d42773d",
     {"request_relay": {"uuid": UUID, "licence_key": PUBLIC_KEY}}),
    ("9a015e0a0b3f82df7d5bbd757f3dcc01122436626137623831302d396461642d313164"
     "312d383062342d3030633034666434333063381a1772656c61792e6578616d706c652e"
     "636f6d3a323131313722093132333435363738393a05312e342e39",
     {"relay_response": {"socket_addr": A, "uuid": UUID,
                         "relay_server": RELAY, "id": "123456789",
                         "version": "1.4.9"}}),
    ("9a010d320b6e6f7420616c6c6f776564",
     {"relay_response": {"refuse_reason": "not allowed"}}),
]

HEADERS = [
    (0, "00"), (1, "04"), (2, "08"), (5, "14"), (63, "fc"), (64, "0101"),
    (100, "9101"), (255, "fd03"), (256, "0104"), (300, "b104"),
    (16383, "fdff"), (16384, "020001"), (65536, "020004"),
    (4194303, "feffff"), (4194304, "03000001"), (1073741823, "ffffffff"),
]

ADDRESSES = [
    ("192.168.16.32", 21116, 0, "7c520000000080512140"),
    ("192.168.16.32", 21116, 0x12345678, "f4a8f0ac682470fe8964"),
    ("1.2.3.4", 65535, 0xFFFFFFFF, "feffffffffff0104060802"),
    ("255.255.255.255", 65535, 0xFFFFFFFF, "fefffffffffffdffffff03"),
    ("0.0.0.0", 0, 0, ""),
    ("0.0.0.0", 0, 1, "01000200000002"),
    ("127.0.0.1", 8080, 0x10000, "901f00000200fe000202"),
    ("::ffff:127.0.0.1", 8080, 0x10000, "901f00000200fe000202"),
    ("::127.0.0.1", 8080, 0x10000, "901f00000200fe000202"),
    ("203.0.113.7", 50000, 0xDEADBEEF, "3f82df7d5bbd757f3dcc01"),
    ("203.0.113.7", 0, 0xDEADBEEF, "efbede7d5bbd757f3dcc01"),
    ("8.8.8.8", 53, 0xFFFF, "3400ffff01000e101210"),
    ("10.0.0.1", 1, 0x80000000, "0100000000001500000201"),
    ("::1", 8080, 0, "00000000000000000000000000000001901f"),
    ("2001:db8::1", 8080, 0, "20010db8000000000000000000000001901f"),
    ("fe80::1", 443, 0, "fe800000000000000000000000000001bb01"),
]

DECODE_ONLY = [
    ("", ("0.0.0.0", 0)), ("01", ("0.0.0.0", 1)), ("00" * 16, ("0.0.0.0", 0)),
    ("ff" * 16, ("0.0.0.0", 0)), ("ff" * 17, mangle.INVALID),
    ("00" * 18, ("::", 0)), ("ff" * 11, ("0.0.0.0", 0)),
]


@pytest.mark.parametrize("wire, member", MESSAGES,
                         ids=[w[:24] for w, _ in MESSAGES])
def test_message_vector_is_what_the_suite_encodes_and_decodes(wire, member):
    assert pb.rendezvous(**member).hex() == wire
    message = pb.parse(bytes.fromhex(wire))
    assert message.which() == next(iter(member))
    assert message.encode().hex() == wire


@pytest.mark.parametrize("length, wire", HEADERS)
def test_frame_header_vector(length, wire):
    assert frame.header(length).hex() == wire


def test_frame_of_a_register_pk_response():
    assert frame.encode(bytes.fromhex("820100")).hex() == "0c820100"


@pytest.mark.parametrize("ip, port, tm, wire", ADDRESSES)
def test_address_vector(ip, port, tm, wire):
    assert mangle.encode(ip, port, tm).hex() == wire
    decoded = mangle.decode(bytes.fromhex(wire))
    assert decoded == (str(mangle._normal(ip)), port)


@pytest.mark.parametrize("wire, address", DECODE_ONLY)
def test_address_decode_only_vector(wire, address):
    assert mangle.decode(bytes.fromhex(wire)) == address


def test_random_addresses_survive_mangling():
    rng = random.Random(1)
    for _ in range(20_000):
        ip = ".".join(str(rng.randrange(256)) for _ in range(4))
        port, tm = rng.randrange(65536), rng.randrange(1 << 32)
        assert mangle.decode(mangle.encode(ip, port, tm)) == (ip, port)


def test_key_exchange_vectors():
    secret = bytes([0x11]) * 32
    server_pk, _ = keys.box_pair(secret)
    assert server_pk.hex() == ("7b4e909bbe7ffe44c465a220037d608ee35897d31ef97"
                               "2f07f74892cb0f73f13")
    hello = pb.rendezvous(
        key_exchange={"keys": [keys.SERVER.sign(server_pk)]})
    assert frame.encode(hello).hex() == (
        "9501ca01620a60e7917a5705c8118d82c19c590bf47a76743b38a4bd972cdf6983a7"
        "2412084f2a40d07e5b2ff6fe2bdfa8119e15820dae9c5765e9800d651459bf0459be"
        "525e007b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f"
        "13")
    assert keys.check_hello(pb.parse(hello), keys.SERVER.pk) == server_pk
    reply, client = keys.answer_hello(
        server_pk, bytes([0x22]) * 32, bytes([0x33]) * 32)
    assert frame.encode(reply).hex() == (
        "5d01ca01540a200faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf"
        "2678570f200a307e23d90f0c455a0e3e633d6e800f8e6b4717555154619a58b13291"
        "dcb98cafaa18a9cc1a883aab54386e39de02b2a5b7")
    plain = pb.rendezvous(punch_hole_request={"id": "123456789"})
    assert plain.hex() == "420b0a09313233343536373839"
    assert frame.encode(client.seal(plain)).hex() == (
        "746451d468b458d34fc0421c0121cf088667f91386223bcdad55b8f43666")
    records = (("c4bab3ef19a5b227032672821ca04024a7f31b9f0d", "820102101e"),
               ("c43ea9d797f1f7d133bc8cfa47132c0a8337", "5a00"))
    for wire, text in records:
        assert client.unseal(bytes.fromhex(wire)).hex() == text


def test_key_exchange_version_1_vectors():
    server = keys.Signer(bytes([0x11]) * 32)
    plain_pk, _ = keys.box_pair(bytes([0x55]) * 32)
    box_pk = plain_pk[:31] + bytes([plain_pk[31] | 0x80])
    assert box_pk.hex() == ("38ab664bd86f77d7e66bdd9ae0792913a94fd8b33a126002"
                            "7e4b46c1f4884ce7")
    params = pb.Message("KxParams", pk=box_pk, version=1).encode()
    hello = pb.rendezvous(key_exchange={
        "keys": [server.sign(box_pk)], "version": 1,
        "signed_params": server.sign(keys.PARAMS_PREFIX + params)})
    assert hello.hex() == (
        "ca01d5010a6044647440b3127a31744f169bd862b073559abb23c8282d01a6b0c08e"
        "fe61c5082c18d4b77bc32680988489e98b7297c99d6d11b8e7377b377d6113c04420"
        "8c0a38ab664bd86f77d7e66bdd9ae0792913a94fd8b33a1260027e4b46c1f4884ce7"
        "10011a6ff9f7d538a322c653b676e6d4afc660f44405b9134c70b6daa89f35897afd"
        "89fcc95ea755a331363f12e3e09a49e2fcb7f339f394527042306cf361b03c5e2709"
        "72646b782d706172616d730a2038ab664bd86f77d7e66bdd9ae0792913a94fd8b33a"
        "1260027e4b46c1f4884ce71001")
    assert keys.check_params(pb.parse(hello), server.pk) == 1
    reply, client = keys.answer_hello(
        box_pk, bytes([0x33]) * 32, bytes([0x44]) * 32, version=1)
    assert reply.hex() == (
        "ca01560a207b0d47d93427f8311160781c7c733fd89f88970aef490d8aa0ee19a4cb"
        "8a1b140a305eed189190aaa87bdade539dd776226df8ba59707fee57ebfb10856b99"
        "dc36bacd20e402aee5c05a312fe393f08227521001")
    question = pb.rendezvous(online_request={"id": "1", "peers": ["2"]})
    assert client.seal(question).hex() == (
        "22ca3738c6c3f7abed1e1c404a492a5926fbe0786e6667a9c8")
    assert client.unseal(bytes.fromhex(
        "c82d0e6a70601363230bcfa6af393f2369132abd4ada")).hex() == (
        "c201030a0100")


def test_signed_id_vector():
    id_pk = pb.Message("IdPk", id="123456789", pk=keys.DEVICE.pk).encode()
    assert id_pk.hex() == (
        "0a09313233343536373839122029acbae141bccaf0b22e1a94d34d0bc7361e526d0b"
        "fe12c89794bc9322966dd7")
    signed = keys.SERVER.sign(id_pk)
    assert len(signed) == 109
    assert signed[:64].hex() == (
        "5bc63d711b2e63ccd12004983dbe260287491cd5797b7b2114e1810b523e7074ce2f"
        "2f2d1d844c773b357fef6e0eb7402a16e957fa77c8afc4c9fe9ae3aa2b08")
    assert keys.signed_id_pk(signed, keys.SERVER.pk) == (
        "123456789", keys.DEVICE.pk)


def test_key_text_vectors():
    assert keys.SERVER.text == "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
    assert keys.SERVER.secret_text == (
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DoQe/884Qvh1w3RjnS8CZZ+TW"
        "MJulDV8d3IZkElUxuA==")


def test_password_vector():
    inner, final = keys.password_hash("Passw0rd", "abc123", "x7k2pq")
    assert inner.hex() == ("a5b0b8c0b8e8bc2d40ae95c0ba107d5fe22f1ba6cd61c58de7"
                           "7ff474200508f3")
    assert final.hex() == ("fea917194cb4256e6d701b327261b00db6fe8717bb393ad30e"
                           "645afa1d4bb567")


def test_decoder_follows_the_rules_for_odd_input():
    nat = pb.rendezvous(test_nat_request={"serial": 3})
    assert pb.parse(pb.delimited(99, b"new") + nat).which() == (
        "test_nat_request")
    last_wins = pb.rendezvous(register_peer={"id": "x"}) + nat
    assert pb.parse(last_wins).which() == "test_nat_request"
    assert pb.parse(b"").which() is None
    open_enum = pb.parse(bytes.fromhex("5a021809")).punch_hole_response
    assert open_enum.failure == 9
    for bad in (b"\xff\xff\xff", b"\x32\x04\x0a\x02\xff\xfe",
                b"\x0b" * 1000 + b"\x0c" * 1000, b"\x32\x05\x0a"):
        with pytest.raises(pb.DecodeError):
            pb.parse(bad)


def test_decoder_survives_random_bytes():
    rng = random.Random(2)
    for _ in range(5000):
        try:
            pb.parse(rng.randbytes(rng.randrange(60)))
        except pb.DecodeError:
            continue
