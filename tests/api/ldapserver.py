"""A directory for tests, in the little of LDAP that a log-in needs (RFC 4511): bind,
search by equality, AND and OR, attributes as bytes. It can be told to misbehave."""
import socketserver
import threading


def tlv(tag, body):
    n = len(body)
    size = bytes([n]) if n < 128 else b"\x82" + n.to_bytes(2, "big")
    return bytes([tag]) + size + body


def integer(n):
    return tlv(2, n.to_bytes(4, "big"))


def parse(data):
    """The elements of DATA as (tag, body); constructed bodies stay bytes."""
    out = []
    while data:
        n, at = data[1], 2
        if n & 0x80:
            at += n & 0x7F
            n = int.from_bytes(data[2:at], "big")
        out.append((data[0], data[at:at + n]))
        data = data[at + n:]
    return out


def matches(tag, body, entry):
    """A search filter against an entry; rules in chain by entry["chain"]."""
    if tag in (0xA0, 0xA1):
        return (all if tag == 0xA0 else any)(matches(t, b, entry) for t, b in parse(body))
    if tag == 0x87:
        return True
    fields = [b for _, b in parse(body)]
    if tag == 0xA9:
        parts = dict(parse(body))
        return parts[0x81] == b"1.2.840.113556.1.4.1941" and parts[0x83] in entry.get("chain", [])
    have = [v if isinstance(v, bytes) else v.encode() for v in entry.get(fields[0].decode(), [])]
    return fields[1].lower() in [h.lower() for h in have]


class Handler(socketserver.BaseRequestHandler):
    def reply(self, number, op):
        self.request.sendall(tlv(0x30, integer(number) + op))

    def result(self, number, tag, code=0, text=""):
        self.reply(number, tlv(tag, tlv(10, bytes([code])) + tlv(4, b"") + tlv(4, text.encode())))

    def handle(self):
        s = self.server
        s.connections += 1
        if s.partial:
            self.request.recv(65536)
            self.request.sendall(b"\x30\x0c\x02")
        while s.silent or s.partial:
            if s.stop.wait(0.05):
                return
        data = b""
        while part := self.request.recv(65536):
            data += part
            for tag, body in parse(data):
                if s.stop.wait(s.delay):
                    return
                self.message(*parse(body)[:2])
            data = b""

    def message(self, number, op):
        number, (tag, body) = int.from_bytes(number[1], "big"), op
        s = self.server
        if tag == 0x60:
            dn, password = [b for _, b in parse(body)][1:]
            good = not dn or dn == b"cn=root" or s.passwords.get(dn.decode()) == password.decode()
            self.result(number, 0x61, 0 if good else 49)
        elif tag == 0x63:
            fields = parse(body)
            wanted = [b.decode() for _, b in parse(fields[7][1])]
            for dn, entry in s.entries.items():
                if matches(*fields[6], entry):
                    self.reply(number, tlv(0x64, tlv(4, dn.encode()) + tlv(0x30, b"".join(
                        tlv(0x30, tlv(4, name.encode()) + tlv(0x31, b"".join(
                            tlv(4, v if isinstance(v, bytes) else v.encode()) for v in values)))
                        for name, values in entry.items() if name in wanted))))
            self.result(number, 0x65)


class Directory(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.entries, self.passwords = {}, {}
        self.silent = self.partial = False
        self.delay = self.connections = 0
        self.stop = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def person(self, dn, uid, **attributes):
        self.entries[dn] = dict(uid=[uid], **attributes)
        self.passwords[dn] = "ldap secret"

    def settings(self, **change):
        server = dict(name="fake", url=f"ldap://127.0.0.1:{self.server_address[1]}",
                      base_dn="dc=x", username_attributes=["uid"])
        server.update(change)
        return server

    def close(self):
        self.stop.set()
        self.shutdown()
        self.server_close()
