"""The reference server's database, as specification 6.7 describes it."""

import os
import shutil
import sqlite3
import subprocess
import sys

SCHEMA = """
create table peer (
    guid blob primary key not null,
    id varchar(100) not null,
    uuid blob not null,
    pk blob not null,
    created_at datetime not null default(current_timestamp),
    user blob, status tinyint, note varchar(300), info text not null
) without rowid;
create unique index index_peer_id on peer (id);
create index index_peer_user on peer (user);
create index index_peer_created_at on peer (created_at);
create index index_peer_status on peer (status);
"""
INSERT = ("insert into peer (guid, id, uuid, pk, created_at, status, info) "
          "values (?, ?, ?, ?, ?, ?, ?)")
CREATED, CREATED_S = "2023-04-05 06:07:08", 1680674828


def row(peer_id, *, guid=None, uuid=None, pk=None, created=CREATED,
        status=None, info='{"ip":"::ffff:192.0.2.7"}'):
    return (guid or os.urandom(16), peer_id,
            f"uuid-{peer_id}".encode() if uuid is None else uuid,
            bytes([len(peer_id)]) * 32 if pk is None else pk, created, status,
            info)


def create(path, rows, journal="delete"):
    db = sqlite3.connect(path)
    db.execute(f"pragma journal_mode={journal}")
    db.executescript(SCHEMA)
    db.executemany(INSERT, rows)
    db.commit()
    db.close()
    return path


# Writes and dies: what it committed is in the -wal file alone.
WRITER = """
import os, sqlite3, sys
sys.path.insert(0, sys.argv[2])
import refdb
db = sqlite3.connect(sys.argv[1])
db.execute("pragma journal_mode=wal")
db.execute("pragma wal_autocheckpoint=0")
db.executescript(refdb.SCHEMA)
db.executemany(refdb.INSERT, [refdb.row(f"in-wal-{i}") for i in range(50)])
db.commit()
db.execute("begin")
db.execute(refdb.INSERT, refdb.row("not-committed"))
os.kill(os.getpid(), 9)
"""


def leave_by_a_killed_writer(path):
    """50 peers that are only in the -wal; one that was never committed."""
    here = os.path.dirname(os.path.abspath(__file__))
    done = subprocess.run([sys.executable, "-c", WRITER, str(path), here])
    assert done.returncode == -9
    wal = path.with_name(path.name + "-wal")
    assert wal.stat().st_size > 10000
    # Without its log the file knows nothing of them.
    alone = path.with_name("alone.sqlite3")
    shutil.copy(path, alone)
    try:
        found = sqlite3.connect(alone).execute(
            "select count(*) from peer").fetchone()[0]
    except sqlite3.DatabaseError:
        found = 0
    assert found == 0
    alone.unlink()
    return path
