"""A server made of the answers that the doctor looks for.

Every service can be switched off or made to misbehave. The bytes are the
vectors of the protocol specification, so nothing here shares code with the
programs under test.
"""

import contextlib
import email.utils
import json
import re
import socket
import ssl
import subprocess
import threading
import time

PUBLIC = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
SECRET = ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8D"
          "oQe/884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuA==")
# KeyExchange signed by SECRET, in its frame.
OFFER = bytes.fromhex(
    "9501ca01620a60e7917a5705c8118d82c19c590bf47a76743b38a4bd972cdf6983a724"
    "12084f2a40d07e5b2ff6fe2bdfa8119e15820dae9c5765e9800d651459bf0459be525e"
    "007b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f13")
TEST_NAT_REQUEST = bytes.fromhex("14a201020803")
TEST_NAT_RESPONSE = bytes.fromhex("1caa010408b1a803")
SELF_TEST = bytes.fromhex("320f0a0d283a746573745f686262733a29")
TEST_ID = b"(:test_hbbs:)"
UUID = re.compile(rb"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
REGISTER_PEER_RESPONSE = bytes.fromhex("3a021001")


def consecutive_ports(count):
    """COUNT free ports in a row, already bound, for TCP; the first first."""
    for _ in range(100):
        with contextlib.ExitStack() as undo:
            first = undo.enter_context(socket.create_server(("127.0.0.1", 0)))
            bound = [first]
            try:
                for i in range(1, count):
                    port = first.getsockname()[1] + i
                    bound.append(undo.enter_context(
                        socket.create_server(("127.0.0.1", port))))
            except (OSError, OverflowError):
                continue
            undo.pop_all()
            return bound
    raise OSError("no free ports in a row")


class Fake:
    """One server; FAULTS names what is wrong with it."""

    def __init__(self, folder, *faults):
        self.faults = set(faults)
        self.folder = folder
        self.waiting = {}       # uuid: (connection, bytes behind its frame)
        self.lock = threading.Lock()
        self.undo = contextlib.ExitStack()
        # Six in a row as in real life, and one for HTTPS.
        sockets = consecutive_ports(7)
        self.port = sockets[2].getsockname()[1]
        self.relay_port = self.port + 1
        self.https_port = self.port + 4
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        self.undo.callback(self.udp.close)
        self.other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.other.bind(("127.0.0.2", self.port))
        self.undo.callback(self.other.close)
        handlers = [self.api, self.nat, self.signal, self.relay,
                    self.nothing, self.nothing, self.https]
        names = ["api", "nat", "signal", "relay", "ws", "relay-ws", "https"]
        for listener, handler, name in zip(sockets, handlers, names):
            if "no " + name in self.faults:
                listener.close()
                continue
            self.undo.callback(listener.close)
            self.start(self.accept, listener, handler)
        self.start(self.datagrams)

    def start(self, run, *arguments):
        def quietly():
            # The far end may go at any time, and close() ends the loops.
            with contextlib.suppress(OSError):
                run(*arguments)
        threading.Thread(target=quietly, daemon=True).start()

    def close(self):
        self.undo.close()

    def accept(self, listener, handler):
        while True:
            client, _ = listener.accept()
            client.settimeout(10)
            self.start(handler, client)

    def nothing(self, client):
        with client:
            client.recv(1)

    def api(self, client):
        with client:
            head = client.recv(4096)
            if head:
                client.sendall(self.answer(head))

    @staticmethod
    def known(head):
        return head.split()[1] in (
            b"/api/version", b"/nginx-acme", b"/api/outside",
            b"/api/settings/smtp/status")

    def answer(self, head):
        """To a GET of the API."""
        off = 3600 if "clock" in self.faults else 0
        date = email.utils.formatdate(time.time() + off, usegmt=True)
        status = "500 No" if "broken api" in self.faults or \
            not self.known(head) else "200 OK"
        body = json.dumps(self.states(head))
        return (f"HTTP/1.1 {status}\r\nDate: {date}\r\nContent-Length: "
                f"{len(body)}\r\n\r\n{body}").encode()

    def states(self, head):
        """What is asked of ACME, mail and directories."""
        path = head.split()[1].decode()
        said = b"Bearer geheim" in head
        if path == "/nginx-acme" and "acme" in self.faults:
            return {"state": "error", "error": "no such name"}
        if path == "/api/settings/smtp/status" and said:
            return {"enabled": True, "failing": "mail" in self.faults,
                    "error": "refused"}
        if path == "/api/outside" and said:
            state = "down" if "directory" in self.faults else "up"
            return {"data": [{"kind": "ldap", "name": "main", "state": state,
                              "why": "no answer"}]}
        return {}

    def nat(self, client):
        with client:
            if client.recv(4096) == TEST_NAT_REQUEST:
                client.sendall(b"\x04x" if "garbage" in self.faults
                               else TEST_NAT_RESPONSE)

    def signal(self, client):
        with client:
            if "no offer" not in self.faults:
                client.sendall(OFFER)
            asked = client.recv(4096)
            if asked == TEST_NAT_REQUEST:
                client.sendall(TEST_NAT_RESPONSE)
            elif TEST_ID in asked:
                client.sendall(self.announced(asked))

    def announced(self, asked):
        """RelayResponse to a session with the test id."""
        why = (b"ID does not exist" if "no test id" in self.faults else
               b"Key mismatch" if PUBLIC.encode() not in asked else
               b"Please sign in." if "sign in" in self.faults else b"")
        body = (b"\x32" + bytes([len(why)]) + why if why
                else b"\x12\x24" + UUID.search(asked)[0])
        message = b"\x9a\x01" + bytes([len(body)]) + body
        return bytes([len(message) << 2]) + message

    def datagrams(self):
        lost = 1 if "lossy" in self.faults else 0
        while True:
            data, source = self.udp.recvfrom(2048)
            if data != SELF_TEST or "no udp" in self.faults:
                continue
            if lost:
                lost -= 1
                continue
            by = self.other if "other source" in self.faults else self.udp
            by.sendto(REGISTER_PEER_RESPONSE, source)

    def relay(self, client):
        """Pairs by uuid; closes without a word on a wrong key."""
        first = client.recv(4096)
        if PUBLIC.encode() not in first or "no pairing" in self.faults:
            client.close()
            return
        # A head of two bytes; what is behind the frame is the session's.
        end = 2 + int.from_bytes(first[:2], "little") // 4
        uuid = UUID.search(first)[0]
        with self.lock:
            other, early = self.waiting.pop(uuid, (None, b""))
            if other is None:
                self.waiting[uuid] = client, first[end:]
                return
        client.sendall(early)
        other.sendall(first[end:])
        self.start(self.pump, client, other)
        self.pump(other, client)

    def pump(self, source, target):
        with source, target:
            while data := source.recv(4096):
                target.sendall(data)

    def https(self, client):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "cert.pem",
                                self.folder / "key.pem")
        with context.wrap_socket(client, server_side=True) as tls:
            head = b""
            while b"\r\n\r\n" not in head:
                head += tls.recv(4096)
            path = head.split()[1].decode()
            if not path.startswith("/ws/"):
                tls.sendall(self.answer(head))
                return
            good = path in ("/ws/id", "/ws/relay") and \
                b"Upgrade: websocket" in head and \
                "no path" not in self.faults
            tls.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n" if good
                        else b"HTTP/1.1 404 Not Found\r\n\r\n")


def make_certificate(folder, days=60):
    """A self-signed one for localhost."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", str(days), "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", str(folder / "key.pem"), "-out",
         str(folder / "cert.pem")],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
