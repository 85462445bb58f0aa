"""Members of the api's documents are named in one table: by the compiler, by the linter."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*argv):
    return subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True)


def lint(root):
    return run(sys.executable, "tools/lint/fields", root)


def compiled(tmp_path, statement):
    """How the compiler ends for STATEMENT about a document `d` and its part `o`."""
    source = tmp_path / "x.c"
    source.write_text('#include "services/api/core/doc.h"\n'
                      "void f(struct doc *d, struct json_object *o);\n"
                      "void f(struct doc *d, struct json_object *o)\n"
                      f"{{\n\t(void)d, (void)o;\n\t{statement};\n}}\n")
    flags = shlex.split(run("pkg-config", "--cflags", "json-c").stdout)
    return run("gcc", "-std=c17", "-D_GNU_SOURCE", "-fsyntax-only", "-Wall", "-Werror", "-I.",
               *flags, source)


@pytest.mark.parametrize("statement", [
    "doc_set_text(d, USER_NAME, doc_text(d, USER_EMAIL))",
    "doc_set_int(d, USER_STATUS, doc_int(d, USER_STATUS, 1) + 1)",
    "doc_del(d, USER_NAME.of)",
    "field_set_text(o, TAG_NAME, field_text(o, TAG_NAME))",
])
def test_names_of_the_table_compile(tmp_path, statement):
    done = compiled(tmp_path, statement)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("statement", [
    "doc_text(d, USER_NAEM)",
    'doc_text(d, "name")',
    "doc_int(d, USER_NAME, 0)",
    "doc_set_text(d, USER_STATUS, \"1\")",
    "doc_set_int(d, USER_IS_ADMIN, 1)",
    "doc_list(d, DEVICE_INFO)",
    "doc_text(o, USER_NAME)",
    "js_text(o, USER_NAME)",
    "field_text(o, TAG_COLOR)",
    'field_text(o, "name")',
])
def test_a_misspelt_name_and_one_of_another_type_do_not(tmp_path, statement):
    done = compiled(tmp_path, statement)
    assert done.returncode != 0 and "error" in done.stderr


def test_the_names_as_they_are_pass():
    done = lint(ROOT)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("text, complaint", [
    ('js_set_str(u->j, "name", name);', "x.c:1: js_set_str() goes round"),
    ("js_copy(o,\n\trow->j, shown[i]);", "x.c:1: js_copy() goes round"),
    ('js_text(doc_obj(dev, DEVICE_INFO), "os");', "x.c:1: js_text() goes round"),
    ('js_bool(options_get(d, "general"), "alarm_mail", true);', "x.c:1: js_bool() goes round"),
    ('\n\njs_has(call(a, b)->j, "x");', "x.c:3: js_has() goes round"),
    ('db_do(d, "HGET", key(d, hash), "seen", NULL);', 'x.c:1: "seen" belongs into'),
    ('db_do(d, "HMGET", key, SESSION_SEEN, "user", NULL);', 'x.c:1: "user" belongs into'),
    ('tx_do(&t, "HSET", key, SESSION_SEEN, "1", "user", guid, NULL);',
     'x.c:1: "user" belongs into'),
    ('tx_expect(&t, key, "user", guid);', 'x.c:1: "user" belongs into'),
])
def test_a_name_of_ones_own_is_found(tmp_path, text, complaint):
    (tmp_path / "services/api").mkdir(parents=True)
    (tmp_path / "services/api/x.c").write_text(text + "\n")
    done = lint(tmp_path)
    assert done.returncode == 1
    assert complaint in done.stderr


@pytest.mark.parametrize("text", [
    'js_set_str(o, "name", doc_text(u, USER_NAME));',
    "strlen(js_dump(row->j));",
    "js_obj(field_obj(smtp, SMTP_TEMPLATES), name);",
    '/* js_text(u->j, "name") */',
    'tx_do(&t, "HSET", key, SESSION_SEEN, "1", NULL);',
    'db_do(&c->db, "HINCRBY", key, CHALLENGE_TRIED, "1", NULL);',
    'tx_expect(&t, key, "", value);',
    'db_do(d, "SET", key, "1", "EX", "600", NULL);',
])
def test_what_names_no_member_passes(tmp_path, text):
    (tmp_path / "services/api").mkdir(parents=True)
    (tmp_path / "services/api/x.c").write_text(text + "\n")
    done = lint(tmp_path)
    assert done.returncode == 0, done.stderr
