"""The device's side of file transfers, which go on after a break as those of
1.4.2 and newer do."""

import hashlib
import time

from wire import m, zigzag

BLOCK = 128 * 1024
THEN = 1_700_000_000    # when the device's files were changed


class Transfers:
    """What a connection does about files; the files outlive it."""

    def __init__(self, connection, files, script, emit):
        self.connection, self.files = connection, files
        self.script, self.emit = script, emit
        self.uploads, self.downloads = {}, {}

    def send(self, *fields):
        self.connection.send(*fields)

    def respond(self, *fields):
        self.send((18, m(*fields)))

    def listing(self, path, job=0, entries=None):
        entries = self.files.list(path) if entries is None else entries
        if entries is None:
            return self.respond((3, m((1, job), (2, "No such folder"),
                                      (3, zigzag(-1)))))
        return self.respond((1, m((1, job), (2, path), *[
            (3, m((1, kind), (2, name), (4, size), (5, THEN)))
            for kind, name, size in entries])))

    def action(self, f):
        if self.connection.gone:
            return
        kind, a = f.first, f.sub(f.first)
        self.emit("file", kind=kind, data=bytes(f.raw(kind)).hex())
        if kind == 1:
            self.listing(a.text(1) or self.files.home)
        elif kind == 2:
            self.start_download(a.int(1), a.text(2))
        elif kind == 3:
            self.uploads[a.int(1)] = (a.text(2), [
                (e.text(2), e.int(4), e.int(5)) for e in a.subs(3)])
        elif kind == 7:
            self.listing(a.text(2), a.int(1),
                         self.files.tree(a.text(2)))
        elif kind == 8:
            self.downloads.pop(a.int(1), None)
            self.uploads.pop(a.int(1), None)
        elif kind in (4, 5, 6, 10):
            self.change(kind, a)
        elif kind == 9:
            self.confirmed(a)

    def change(self, kind, a):
        if kind == 4:
            self.files.make(a.text(2))
        elif kind == 10:
            self.files.rename(a.text(2), a.text(3))
        else:
            self.files.remove(a.text(2))
        self.respond((4, m((1, a.int(1)))))

    # ---- to the controller -------------------------------------------------

    def start_download(self, job, path):
        names = self.files.tree(path)
        self.downloads[job] = (path, names, 0)
        self.listing(path, job, names)
        self.offer(job)

    def offer(self, job):
        path, names, at = self.downloads[job]
        if at == len(names):
            self.respond((4, m((1, job), (2, zigzag(at - 1)))))
        else:
            self.respond((5, m((1, job), (2, zigzag(at)),
                               (3, THEN), (4, names[at][2]))))

    def confirmed(self, a):
        job = a.int(1)
        if job in self.uploads:
            return self.goes_on(job, a.int(2) >> 1, a)
        if job not in self.downloads:
            return None
        path, names, at = self.downloads[job]
        if not a.int(3):
            self.send_file(job, at, self.files.full(path, names[at][1]),
                           a.int(4))
        self.downloads[job] = (path, names, at + 1)
        return self.offer(job)

    def send_file(self, job, number, full, offset):
        data = self.files.content[full]
        self.emit("sending", name=full, offset=offset, size=len(data),
                  sha=hashlib.sha256(data).hexdigest())
        for start in range(offset, len(data), BLOCK):
            self.hold(start)
            if self.connection.gone:
                return
            self.respond((2, m((1, job), (2, zigzag(number)), (
                3, data[start:start + BLOCK]))))
        self.respond((2, m((1, job), (2, zigzag(number)), (3, b""))))

    def hold(self, moved):
        """Stands still in the middle of a file while the script says so."""
        if self.script.stall and moved >= self.script.stall:
            self.emit("stalled", moved=moved)
            while self.script.stall and not self.connection.gone:
                time.sleep(0.05)

    # ---- from the controller -----------------------------------------------

    def response(self, f):
        if self.connection.gone:
            return
        kind, r = f.first, f.sub(f.first)
        job = r.int(1)
        if job not in self.uploads:
            return
        path, names = self.uploads[job]
        number = r.int(2) >> 1
        if kind in (2, 5):
            full = self.files.full(path, names[number][0])
            if kind == 5:
                self.asked(job, r, full)
            else:
                self.block(full, bytes(r.raw(3)))

    def confirm(self, job, number, *how):
        self.send((17, m((9, m((1, job), (2, number), *how)))))

    def asked(self, job, r, full):
        """A file that is there is asked about; what an earlier job left of
        the same one is offered as a start."""
        number, modified, size = r.int(2), r.int(3), r.int(4)
        there, part = self.files.size(full), self.files.part(
            full, size, modified)
        resume = r.int(8)
        if resume and part:
            self.respond((5, m((1, job), (2, number), (3, modified),
                               (4, size), (5, True), (6, True),
                               (7, len(part)))))
        elif resume and self.files.same(full, size, modified):
            self.confirm(job, number, (3, True))
        elif there is None:
            self.files.begin(full, size, modified, 0)
            self.confirm(job, number, (4, 0))
        else:
            self.respond((5, m((1, job), (2, number), (3, 1_600_000_000),
                               (4, there), (5, True))))

    def goes_on(self, job, number, a):
        path, names = self.uploads[job]
        name, size, modified = names[number]
        if not a.int(3):
            full = self.files.full(path, name)
            self.files.begin(full, size, modified, a.int(4))
            self.emit("goes on", name=full, offset=a.int(4))

    def block(self, full, data):
        if data:
            self.hold(self.files.add(full, data))
            return
        whole = self.files.finish(full)
        self.emit("uploaded", name=full, size=len(whole),
                  sha=hashlib.sha256(whole).hexdigest())
