"""The linters of names and of the dialect find what is not as agreed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def lint(which, root):
    return subprocess.run([sys.executable, ROOT / "tools/lint" / which, root],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture
def room(tmp_path):
    for folder in ("common", "tests", "services/shop/till"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path / "services/shop/till"


def written(room, **files):
    for name, text in files.items():
        (room / name.replace("__", ".")).write_text(text)
    return room.parents[2]


@pytest.mark.parametrize("which", ["names", "dialect"])
def test_the_house_as_it_is_passes(which):
    done = lint(which, ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name, header", [
    ("coins", "int coins_count(void);"),
    ("coins", "void coin_drop(struct coin *c);"),
    ("coins", "struct purse { int n; };\nvoid purse_open(struct purse *p);"),
    ("coins_old", "int coins_melt(const char *name,\n\t       int n);"),
    ("coins", "void till_close(void);"),
    ("coins", "#define COINS_EACH(x) \\\n\tfor_each(x)\n/* other(); */"),
])
def test_a_name_that_begins_with_its_file_passes(room, name, header):
    done = lint("names", written(room, **{name + "__h": header + "\n"}))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("header, name", [
    ("int count(void);", "count"),
    ("struct coin *\nmoney_take(int a,\n\t   int b);", "money_take"),
    ("void coinage(void);", "coinage"),
])
def test_a_name_of_elsewhere_is_found(room, header, name):
    done = lint("names", written(room, coins__h=header + "\n"))
    assert done.returncode == 1
    assert f"services/shop/till/coins.h: {name}() does not begin" in done.stdout


BODY = "int coins_count(void)\n{\n\treturn 0;\n}\n"


def test_an_exported_function_without_a_header_is_found(room):
    done = lint("names", written(room, coins__c=BODY))
    assert done.returncode == 1
    assert "till/coins.c: coins_count() is exported and there is no coins.h" in done.stdout


@pytest.mark.parametrize("files", [
    {"coins__c": BODY, "coins__h": ""},
    {"coins_old__c": BODY, "coins__h": ""},
    {"coins_old__c": BODY, "coins_impl__h": ""},
    {"coins__c": "static " + BODY},
])
def test_a_header_of_the_file_or_its_family_is_enough(room, files):
    done = lint("names", written(room, **files))
    assert done.returncode == 0, done.stdout


def test_a_header_of_a_room_around_is_enough(room):
    root = written(room, coins__c=BODY.replace("coins_count", "shop_coins"))
    (room.parent / "shop.h").write_text("int shop_coins(void);\n")
    done = lint("names", root)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("line", ["if (p == NULL)", "return p->next  != NULL;",
                                  "while (NULL != p)"])
def test_a_pointer_that_is_compared_is_found(room, line):
    done = lint("dialect", written(room, coins__c="/* a\n * b */\n" + line + "\n"))
    assert done.returncode == 1
    assert "till/coins.c:3: a pointer is tested" in done.stdout


def test_a_comment_may_say_what_it_wants(room):
    done = lint("dialect", written(room, coins__c="/* p == NULL:\n * none */\np = NULL;\n"))
    assert done.returncode == 0, done.stdout
