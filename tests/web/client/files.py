"""A small file system in memory, for the scripted device."""

import os


class Files:
    """A small file system in memory."""

    home = "/home/ada"

    def __init__(self):
        self.content = {
            "/home/ada/notes.txt": b"remember the milk\n" * 40,
            "/home/ada/report.pdf": os.urandom(300_000),
            "/home/ada/film.webm": os.urandom(3_000_000),
            "/home/ada/photos/sea.jpg": os.urandom(200_000),
            "/home/ada/photos/trees/oak.jpg": os.urandom(90_000),
            "/home/ada/.profile": b"umask 022\n",
        }
        self.folders = {"/", "/home", "/home/ada", "/home/ada/photos",
                        "/home/ada/photos/trees", "/home/ada/projects"}
        self.changed = {}   # when the controller's files were, by path
        self.parts = {}     # (size, time, bytes) of unfinished ones

    @staticmethod
    def full(path, name):
        return f"{path}/{name}" if name else path

    def list(self, path):
        path = path.rstrip("/") or "/"
        if path not in self.folders:
            return None
        prefix = path if path == "/" else path + "/"
        return [(0, f[len(prefix):], 0) for f in sorted(self.folders)
                if f != path and f.startswith(prefix)
                and "/" not in f[len(prefix):]] + [
            (4, f[len(prefix):], len(c)) for f, c in sorted(
                self.content.items())
            if f.startswith(prefix) and "/" not in f[len(prefix):]]

    def tree(self, path):
        if path in self.content:
            return [(4, "", len(self.content[path]))]
        return [(4, f[len(path) + 1:], len(c))
                for f, c in sorted(self.content.items())
                if f.startswith(path + "/")]

    def size(self, full):
        return len(self.content[full]) if full in self.content else None

    def write(self, full, data):
        self.content[full] = data
        folder = os.path.dirname(full)
        while folder not in self.folders:
            self.folders.add(folder)
            folder = os.path.dirname(folder)

    # ---- unfinished ones ---------------------------------------------------

    def part(self, full, size, changed):
        """What is there of this very file."""
        found = self.parts.get(full)
        return found[2] if found and found[:2] == (size, changed) else b""

    def same(self, full, size, changed):
        return (self.size(full) == size
                and self.changed.get(full) == changed)

    def begin(self, full, size, changed, offset):
        part = bytearray(self.part(full, size, changed)[:offset])
        assert len(part) == offset, "an offset behind what is there"
        self.parts[full] = (size, changed, part)

    def add(self, full, data):
        part = self.parts[full][2]
        part += data
        return len(part)

    def finish(self, full):
        _, changed, part = self.parts.pop(full)
        self.write(full, bytes(part))
        self.changed[full] = changed
        return bytes(part)

    def make(self, path):
        self.folders.add(path)

    def remove(self, path):
        self.content.pop(path, None)
        self.folders = {f for f in self.folders
                        if f != path and not f.startswith(path + "/")}

    def rename(self, path, name):
        to = f"{os.path.dirname(path)}/{name}"
        if path in self.content:
            self.content[to] = self.content.pop(path)
