"""The linter of rooms catches each kind of wrong include, and no right one."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def lint(root):
    return subprocess.run([sys.executable, ROOT / "tools/lint/layers", root],
                          stdout=subprocess.PIPE, text=True)


@pytest.fixture
def house(tmp_path):
    """A copy of what the linter reads."""
    for name in ("common", "services", "tools/lint"):
        shutil.copytree(ROOT / name, tmp_path / name,
                        ignore=shutil.ignore_patterns("node_modules", "dist"))
    shutil.copy(ROOT / "ARCHITECTURE.md", tmp_path)
    return tmp_path


def test_the_house_as_it_is_passes(house):
    done = lint(house)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file, line, complaint", [
    ("common/base/buf.c", '#include "common/proto/frame.h"',
     "common/base may not include common/proto/frame.h"),
    ("services/hbbs/state/peer.c", '#include "common/net/loop.h"',
     "services/hbbs/state may not include common/net/loop.h"),
    ("services/hbbs/state/peer.c", '#include "services/hbbs/store/store.h"',
     "services/hbbs/state may not include services/hbbs/store/store.h"),
    ("services/hbbr/edge/admin.c", '#include "services/hbbs/hbbs.h"',
     "services/hbbr/edge may not include services/hbbs/hbbs.h"),
    ("services/hbbs/messages/nat.c", "#include <uv.h>", "names uv.h"),
    ("services/hbbr/front/entry.c", "#include <libwebsockets.h>",
     "names libwebsockets.h"),
    ("common/net/sock.c", "#include <hiredis/hiredis.h>",
     "names hiredis/hiredis.h"),
    ("services/api/core/call.c", "#include <microhttpd.h>",
     "names microhttpd.h"),
    ("services/api/account/login.c", "#include <ldap.h>", "names ldap.h"),
    ("services/api/book/books.c", "#include <curl/curl.h>",
     "names curl/curl.h"),
    ("services/utils/main.c", "#include <sqlite3.h>", "names sqlite3.h"),
    ("common/net/stream.c", "#include <openssl/ssl.h>",
     "names openssl/ssl.h")])
def test_a_wrong_include_is_caught(house, file, line, complaint):
    path = house / file
    path.write_text(line + "\n" + path.read_text())
    done = lint(house)
    assert done.returncode == 1
    assert f"{file}: {complaint}" in done.stdout


def test_a_room_that_names_a_later_one_is_a_circle(house):
    page = house / "ARCHITECTURE.md"
    page.write_text(page.read_text().replace(
        "| `common/base` | |", "| `common/base` | net |"))
    done = lint(house)
    assert done.returncode == 1
    assert "common/base names common/net, which does not stand above it" in (
        done.stdout)


def test_files_that_include_each_other_are_a_circle(house):
    """conn is below bridge, which is below bridges."""
    path = house / "services/hbbr/front/conn.h"
    path.write_text('#include "services/hbbr/front/bridges.h"\n' +
                    path.read_text())
    done = lint(house)
    assert done.returncode == 1
    assert ("a circle of files: services/hbbr/front/bridge "
            "services/hbbr/front/bridges services/hbbr/front/conn\n") in (
                done.stdout)


def test_an_exported_function_is_in_the_header_of_its_file(house):
    path = house / "services/hbbr/front/memory.c"
    path.write_text(path.read_text() +
                    "\nbool memory_none(const struct memory *m)\n{\n"
                    "\treturn m->held == 0;\n}\n")
    done = lint(house)
    assert done.returncode == 1
    assert ("services/hbbr/front/memory.c: exports memory_none, "
            "which its header does not have") in done.stdout


def test_a_room_without_a_row_and_a_row_without_a_room(house):
    (house / "common/attic").mkdir()
    (house / "common/attic/box.c").write_text("")
    shutil.rmtree(house / "common/config")
    done = lint(house)
    assert "has no room common/attic" in done.stdout
    assert "room common/config is not there" in done.stdout


def test_an_exception_that_is_none_any_more_has_to_go(house):
    with open(house / "tools/lint/exceptions", "a") as f:
        f.write("common/base/buf.c common/base/attr.h\n")
    done = lint(house)
    assert done.returncode == 1
    assert "is no exception any more" in done.stdout
