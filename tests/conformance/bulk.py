"""Much data through a connection, and whether it arrived."""

import hashlib
import threading
import time


def pump(end, data, chunk=1 << 16):
    """Sends DATA from a thread; returns the thread."""
    def run():
        for at in range(0, len(data), chunk):
            end.send_raw(data[at:at + chunk])
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def digest_of(end, size, wait=120):
    """SHA-256 of the next SIZE raw bytes."""
    digest, left = hashlib.sha256(), size
    stop = time.monotonic() + wait
    while left > 0:
        if not end.buffer:
            end.fill(stop - time.monotonic())
        digest.update(end.buffer[:left])
        used = min(left, len(end.buffer))
        del end.buffer[:used]
        left -= used
    return digest.digest()
