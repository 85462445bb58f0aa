"""The cable between one process and Redis: a proxy that can be cut or slow.

All cables of a run share one event loop in a thread. Bytes that are under way
when a cable is cut are not lost: they wait, as in a network that is down.
"""

import asyncio
import contextlib
import threading
import time

CHUNK = 1 << 16


class Room:
    """The thread in which the cables run."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever,
                                       daemon=True)
        self.thread.start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(
            coroutine, self.loop).result(10)

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


class Cable:
    """Listens on the unix socket PATH, connects to the unix socket TARGET."""

    def __init__(self, room, path, target):
        self.room, self.path, self.target = room, path, target
        self.delay = 0.0            # seconds, in each direction
        self.tasks = set()
        room.run(self._listen())

    @property
    def url(self):
        return f"unix://{self.path}"

    async def _listen(self):
        self.whole = asyncio.Event()
        self.whole.set()
        self.server = await asyncio.start_unix_server(
            self._accepted, str(self.path))

    async def _accepted(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        far = None
        try:
            far = await asyncio.open_unix_connection(str(self.target))
            await asyncio.gather(self._pass(reader, far[1]),
                                 self._pass(far[0], writer))
        except (OSError, EOFError):
            pass
        finally:
            self.tasks.discard(asyncio.current_task())
            writer.close()
            if far:
                far[1].close()

    async def _pass(self, reader, writer):
        queue = asyncio.Queue()
        pump = asyncio.ensure_future(self._deliver(queue, writer))
        try:
            while data := await reader.read(CHUNK):
                queue.put_nowait((time.monotonic() + self.delay, data))
        finally:
            queue.put_nowait((0, b""))
            await pump
        raise EOFError      # ends the other direction as well

    async def _deliver(self, queue, writer):
        while (item := await queue.get())[1]:
            await asyncio.sleep(max(0, item[0] - time.monotonic()))
            await self.whole.wait()
            with contextlib.suppress(OSError):
                writer.write(item[1])
                await writer.drain()

    def cut(self):
        """From now on nothing passes; connections stay open."""
        self.room.loop.call_soon_threadsafe(self.whole.clear)

    def heal(self):
        self.room.loop.call_soon_threadsafe(self.whole.set)

    def close(self):
        async def close():
            self.server.close()
            for task in list(self.tasks):
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
        self.room.run(close())
