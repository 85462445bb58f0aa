"""The device's half of a direct connection (WebRTC), by aiortc, on loopback
alone. Its channel is a link like those of tests/conformance/link.py."""

import asyncio
import base64
import contextlib
import json
import queue
import re
import threading

import aioice.ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import candidate_from_sdp, candidate_to_sdp

from link import Closed, Timeout

SCHEME = "webrtc://"
PART = 60000
GARBAGE = ["", "candidate", "{}", "[]", "null", '{"candidate":7}',
           '{"candidate":"candidate:what"}', "\ufffd" * 300,
           '{"candidate":"candidate:1 1 udp 1 256.1.1.1 x typ host",'
           '"sdpMid":"9","sdpMLineIndex":99}']

aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: (
    ["127.0.0.1"] if use_ipv4 else [])

LOOP = asyncio.new_event_loop()


def start():
    threading.Thread(target=LOOP.run_forever, daemon=True).start()


def on_loop(coroutine):
    return asyncio.run_coroutine_threadsafe(coroutine, LOOP)


def value_of(sdp, name):
    return re.search(rf"^a={name}:(.*?)\r?$", sdp, re.M).group(1)


class Direct:
    """Answers OFFER; OPENED() is called with the link when the channel is
    there, TELL(text) with each of the device's candidates."""

    def __init__(self, offer, tell, opened):
        self.tell, self.opened = tell, opened
        self.inbox, self.parts = queue.Queue(), b""
        self.channel, self.heard = None, set()
        sdp = json.loads(base64.b64decode(offer[len(SCHEME):]))
        assert sdp["type"] == "offer" and sdp["ice_policy"] == "all", sdp
        self.key = value_of(sdp["sdp"], "fingerprint")
        self.answer = on_loop(self._answer(sdp["sdp"])).result(30)

    async def _answer(self, sdp):
        self.pc = pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        pc.on("datachannel", self._channel)
        await pc.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        await pc.setLocalDescription(await pc.createAnswer())
        own = pc.localDescription.sdp
        self.fingerprint = value_of(own, "fingerprint")
        # Candidates go one by one, as those of devices do.
        own = re.sub(r"a=(candidate:|end-of-cand).*\r\n", "", own)
        text = json.dumps({"type": "answer", "sdp": own})
        return SCHEME + base64.b64encode(text.encode()).decode()

    def trickle(self):
        for text in GARBAGE:
            self.tell(text)
        ice = self.pc.sctp.transport.transport
        for candidate in ice.iceGatherer.getLocalCandidates():
            self.tell(json.dumps({
                "candidate": "candidate:" + candidate_to_sdp(candidate),
                "sdpMid": "0", "sdpMLineIndex": 0}))

    def candidate(self, text):
        """One of the browser."""
        c = json.loads(text)
        candidate = candidate_from_sdp(c["candidate"].split(":", 1)[1])
        candidate.sdpMid = c["sdpMid"]
        candidate.sdpMLineIndex = c["sdpMLineIndex"]
        if candidate.protocol == "udp" and ":" not in candidate.ip:
            on_loop(self.pc.addIceCandidate(candidate))

    def _channel(self, channel):
        assert channel.label == "bootstrap" and channel.ordered
        self.channel = channel
        channel.on("message", self._message)
        channel.on("close", lambda: self.inbox.put(None))
        threading.Thread(target=self.opened, args=(self,),
                         daemon=True).start()

    def _message(self, data):
        self.parts += data[1:]
        if data[0] == 0:
            self.inbox.put(self.parts)
            self.parts = b""

    # ---- a link ------------------------------------------------------------

    def send(self, data):
        parts = [data[at:at + PART] for at in range(0, len(data), PART)]
        for part in parts[:-1]:
            self._send(b"\x01" + part)
        self._send(b"\x00" + (parts[-1] if parts else b""))

    def _send(self, message):
        async def on_channel():
            if self.channel.readyState != "open":
                raise Closed("the channel is closed")
            self.channel.send(message)
        on_loop(on_channel()).result(30)

    def recv(self, wait=30):
        try:
            data = self.inbox.get(timeout=wait)
        except queue.Empty:
            raise Timeout(f"nothing within {wait} s") from None
        if data is None:
            raise Closed("the channel is closed")
        return data

    def close(self):
        with contextlib.suppress(Exception):
            on_loop(self.pc.close()).result(30)

    reset = close
