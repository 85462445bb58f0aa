"""Command lines as the compose files of the field have them for the reference
server: an image with the program as its entry point gets its name once more.
"""

import subprocess
from pathlib import Path

import pytest

BIN = Path(__file__).resolve().parents[2] / "build/release/bin"


def said(line):
    program, *arguments = line.split()
    return subprocess.run([BIN / program, *arguments], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


@pytest.mark.parametrize("command", [
    "hbbs", "hbbr", "/usr/bin/hbbs", "hbbs -k _", "hbbr -k _",
    "hbbs -r rd.example.com:21117", "hbbs -r rd.example.com:21117 -k _",
    "hbbs -r rd.example.com -k _ -R a.example.com,b.example.com -s 3",
    "hbbs -p 21116 -M 8388608 -u http://rd.example.com/ --mask 10.0.0.0/8",
    "hbbs --relay-servers rd.example.com --key=_ --always-use-relay=Y",
    "hbbr -p 21117 -k _"])
def test_a_published_command_is_taken(command):
    program = command.split()[0].rsplit("/", 1)[-1]
    done = said(f"{program} {command} --version")
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith(f"{program} ")


@pytest.mark.parametrize("command, sentence", [
    ("hbbs hbbr -k _", "hbbs: unknown command 'hbbr'"),
    ("hbbs hbbs -x", "hbbs: -x (flag): unknown option"),
    ("hbbr hbbr -r relay", "hbbr: -r (flag): unknown option"),
    ("hbbs hbbs -k", "hbbs: -k (flag): needs a value")])
def test_another_one_is_refused_by_name(command, sentence):
    done = said(command)
    assert done.returncode == 2 and sentence in done.stdout, done.stdout
