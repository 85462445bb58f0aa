"""A wrong setting is told before anything starts, in the same words by every
program that has the option, with its name and the entry that is wrong."""

import os
import subprocess

import pytest

from program import BIN

SERVERS = ["hbbs", "hbbr", "api"]
REDIS = ["rustdesk-utils backup", "rustdesk-utils restore",
         "rustdesk-utils export", "rustdesk-utils import",
         "rustdesk-utils doctor"]
NETWORK = "is not a network such as 10.0.0.0/8"
PORT = "must be a port number, 1 to 65535"


def start(program, folder, *flags, **env):
    """Exit code and standard error of a program that does not start."""
    path, *command = program.split()
    done = subprocess.run(
        [BIN / path, *command, *flags], cwd=folder, capture_output=True,
        text=True, timeout=60,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(folder), **env})
    assert "Sanitizer" not in done.stderr, done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize("name, value, words, programs", [
    ("LOG_LEVEL", "loud", "'loud' is not debug, info, warn or error", SERVERS),
    ("LOG_FORMAT", "xml", "'xml' is not text or json", SERVERS),
    ("OPS_PORT", "70000", f"'70000': {PORT}", SERVERS),
    ("OPS_BIND", "eth0", "'eth0' is not an IP address", SERVERS),
    ("BIND", "eth0", "'eth0' is not an IP address", SERVERS),
    ("BIND", "10.0.0.7:80", "'10.0.0.7:80' has a port; write the address alone",
     SERVERS),
    ("BIND", "http://10.0.0.7",
     "'http://10.0.0.7' has a scheme; write host or host:port", SERVERS),
    ("TRUSTED_PROXIES", "10.0.0.0/8,x", f"'x' {NETWORK}", SERVERS),
    ("TRUSTED_PROXIES", ",".join(f"10.0.{i}.0/24" for i in range(65)),
     "more than 64 networks", SERVERS),
    ("PROXY_PROTOCOL", "10.0.0.0/99", f"'10.0.0.0/99' {NETWORK}",
     ["hbbs", "hbbr"]),
    ("REDIS_URL", "http://:secret@h", "must start with redis://, rediss://, "
     "unix://, redis+sentinel:// or rediss+sentinel://", SERVERS + REDIS),
    ("REDIS_URL", "redis://h:secret", "bad host or port",
     SERVERS + REDIS),
    ("STATE_REDIS_URL", "redis://:secret@", "bad host or port", SERVERS),
    ("RELAY_SERVERS", "a.example,,b.example", "'' is empty", ["hbbs"]),
    ("RELAY_SERVERS", "a.example,b.example:70000",
     "'b.example:70000' has a port that is not 1 to 65535", ["hbbs"]),
    ("RENDEZVOUS_SERVERS", "a.example;b.example",
     "'a.example;b.example' has a semicolon; entries are separated by commas",
     ["hbbs"]),
    ("MASK", "192.168", "'192.168' is not a network such as 10.0.0.0/8",
     ["hbbs"]),
    ("LOCAL_IP", "192.168.1.7,10.0.0.1",
     "'192.168.1.7,10.0.0.1' is more than one host", ["hbbs"]),
    ("LOCAL_IP", "192.168.1.300",
     "'192.168.1.300' is neither a name nor an address", ["hbbs"]),
    ("RELAY_ADDRESS", "https://relay.example",
     "'https://relay.example' has a scheme; write host or host:port",
     ["hbbr"]),
    ("MESH_BIND", "mesh0", "'mesh0' is not an IP address", ["hbbr"]),
    ("MESH_ADDRESS", "relay.example", "'relay.example' is not an IP address",
     ["hbbr"]),
])
def test_a_wrong_value_gets_the_same_words_from_each(tmp_path, name, value,
                                                     words, programs):
    for program in programs:
        flag = f"--{name.lower().replace('_', '-')}"
        for source, (code, said) in {
                "environment": start(program, tmp_path, **{name: value}),
                "flag": start(program, tmp_path, flag, value)}.items():
            shown = flag if source == "flag" else name
            assert said.splitlines()[0] == \
                f"{program}: {shown} ({source}): {words}"
            assert code == 2
            assert "secret" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given, missing", [
    ("TLS_CERT", "TLS_KEY"), ("TLS_KEY", "TLS_CERT")])
@pytest.mark.parametrize("program", ["hbbs", "hbbr"])
def test_half_a_certificate_is_told_with_what_is_missing(tmp_path, program,
                                                         given, missing):
    code, said = start(program, tmp_path, **{given: "/etc/tls.pem"})
    assert (code, said) == (2, f"{program}: TLS_CERT and TLS_KEY belong "
                               f"together: {missing} is not set\n")


@pytest.mark.parametrize("program", SERVERS)
def test_an_unknown_command_starts_nothing(tmp_path, program):
    code, said = start(program, tmp_path, "serve")
    assert code == 2
    assert said.startswith(f"{program}: unknown command 'serve'\n")
    assert start(program, tmp_path, "healthcheck", OPS_PORT="1") == \
        (1, f"{program}: not ready: Connection refused\n")


@pytest.mark.parametrize("program", SERVERS)
def test_empty_variables_are_unset_ones(tmp_path, program):
    """As compose files pass them: the healthcheck gets past the settings."""
    env = dict.fromkeys(["LOG_LEVEL", "LOG_FORMAT", "BIND", "TRUSTED_PROXIES",
                         "REDIS_URL", "RELAY_SERVERS", "TLS_CERT", "TLS_KEY"],
                        "")
    assert start(program, tmp_path, "healthcheck", OPS_PORT="1", **env)[0] == 1
