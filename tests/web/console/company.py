#!/usr/bin/python3
"""The whole site as `make run` starts it, nginx with TLS in front, and a
scripted device that does what a client does: it registers with hbbs, reports
to the api through nginx, and answers who connects to it.

usage: company.py BIN_FOLDER

Prints one JSON object a line. "enrol" on its input sets up the device; the
site ends with its input.
"""

import contextlib
import http.client
import json
import os
import ssl
import sys
import tempfile
import threading
import time
from base64 import b64encode
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[2] / "tools"), str(HERE.parent / "client")]

from run_stack import Failed, Settings, Stack  # noqa: E402
from scene import ID, WAIT, Site, Stage, say  # noqa: E402

import keys  # noqa: E402
import peer  # noqa: E402
from device import Connection, Script  # noqa: E402
from files import Files  # noqa: E402

HOST = "127.0.0.1"
UUID = f"uuid-{ID}"
CONN, SESSION = 7, 4711     # the device's numbers of its one session
HEARTBEAT_S = 0.5           # a client's is 3 s with somebody connected


def start(binaries, data):
    """A stack on a row of free ports below those the system hands out."""
    first = 12000 + os.getpid() % 1400 * 13
    for base in range(first, first + 400, 20):
        stack = Stack(Settings(
            bin=Path(binaries).resolve(), data=data, host=HOST, port=base + 1,
            relay_port=base + 5, api_port=base + 9, http_port=base + 10,
            https_port=base + 11))
        with contextlib.suppress(Failed):
            stack.s.check()
            break
    try:
        return stack.start()
    except Failed:
        stack.stop()
        raise


class Machine:
    """The device: one session at a time."""

    def __init__(self, stack, frames):
        self.stack, self.frames = stack, frames
        self.script, self.files = Script(), Files()
        self.connection, self.askers = None, set()

    def post(self, path, **fields):
        link = http.client.HTTPSConnection(
            HOST, self.stack.s.https_port, timeout=WAIT,
            context=ssl._create_unverified_context())
        with contextlib.closing(link):
            link.request("POST", path, json.dumps({
                "id": ID, "uuid": b64encode(UUID.encode()).decode(),
                **fields}), {"Content-Type": "application/json"})
            return link.getresponse().read()

    def report(self):
        return self.post("/api/sysinfo", version="1.4.9", memory="16GB",
                         cpu="Core i5, 2.4GHz, 4/8 cores", username="till",
                         os="windows / Windows 11 Pro", hostname="till-1")

    def enrol(self):
        s = self.stack.s
        site = Site(s.port, s.relay_port)
        site.key = self.stack.key
        self.device = peer.Device(site, ID, HOST, signer=keys.DEVICE,
                                  uuid=UUID.encode()).register()
        end = time.monotonic() + WAIT
        while self.report() != b"SYSINFO_UPDATED":
            if time.monotonic() > end:
                raise SystemExit("the api does not know the device")
            time.sleep(0.1)
        for work in (self.serve, self.beat):
            threading.Thread(target=work, daemon=True).start()

    def beat(self):
        while True:
            # The site may be busy, or on its way down.
            with contextlib.suppress(OSError, http.client.HTTPException,
                                     ValueError):
                self.heartbeat()
            time.sleep(HEARTBEAT_S)

    def heartbeat(self):
        live = self.connection and not self.connection.over.is_set()
        answer = json.loads(self.post(
            "/api/heartbeat", ver=1004090, modified_at=0,
            **({"conns": [CONN]} if live else {})))
        if "strategy" in answer:
            say("strategy", options=answer["strategy"]["config_options"])
        if CONN in answer.get("disconnect", []):
            say("told to disconnect")
            self.connection.link.reset()

    def serve(self):
        while True:
            push = self.device.push("punch_hole", 1 << 20)
            asker = bytes(push.socket_addr)
            if asker in self.askers:
                continue        # asked again on the same socket
            self.askers.add(asker)
            self.connection = Connection(
                self.device._start_relay(push), ID, keys.DEVICE, self.script,
                self.frames, self.files, self.happened)
            threading.Thread(target=self.run, args=(self.connection, asker),
                             daemon=True).start()

    def run(self, connection, asker):
        try:
            connection.run()
        finally:
            self.askers.discard(asker)

    def happened(self, event, **more):
        """What the device reports of its session."""
        def audit(**fields):
            self.post("/api/audit/conn", conn_id=CONN, session_id=SESSION,
                      ip=HOST, **fields)
        if event == "secured":
            audit(action="new")
        elif event == "login":
            audit(peer=[more["my_id"], more["name"]], type=0, primary_auth=3)
        elif event == "closed":
            audit(action="close")
        say(event, **more)


def main(binaries):
    with tempfile.TemporaryDirectory() as folder:
        pictures = Stage(binaries, None, Path(folder))
        pictures.frames("vp9")
        stack = start(binaries, Path(folder) / "data")
        try:
            say("ready", url=f"https://{HOST}:{stack.s.https_port}", id=ID,
                password=str(stack.s.data / "api/admin_password"))
            machine = Machine(stack, pictures.frames)
            for line in sys.stdin:
                if line.strip() == "enrol":
                    machine.enrol()
                    say("enrolled")
        finally:
            stack.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
