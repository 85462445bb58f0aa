"""rustdesk-utils doctor: green on a healthy stack, red with a sentence for each
fault. The healthy one is the real programs; the faults are a made-up server's.
"""

import re

import pytest

from fake import PUBLIC, SECRET, Fake, make_certificate
from program import Redis, utils
from site_of_one import PASSWORD, Site


@pytest.fixture(name="keys")
def key_folder(tmp_path):
    (tmp_path / "id_ed25519").write_text(SECRET)
    (tmp_path / "id_ed25519.pub").write_text(PUBLIC)
    return tmp_path


@pytest.fixture(name="certificate", scope="module")
def certificate_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificate")
    make_certificate(folder)
    return folder


@pytest.fixture(name="examine")
def examination(certificate, keys):
    """Runs the doctor against a fake server with FAULTS."""
    servers = []

    def run(*faults, options=(), trust=True, cwd=keys):
        server = Fake(certificate, *faults)
        servers.append(server)
        env = {"SSL_CERT_FILE": str(certificate / "cert.pem")} if trust \
            else {}
        return utils("doctor", "--port", str(server.port), "--relay-port",
                     str(server.relay_port), "--https-port",
                     str(server.https_port), "--timeout", "5s", *options,
                     "localhost", cwd=cwd, **env)

    yield run
    for server in servers:
        server.close()


def failures(done):
    return [line for line in done.stdout.splitlines()
            if line.startswith("fail")]


def test_a_good_server_passes_every_check(examine):
    done = examine()
    assert failures(done) == []
    assert done.returncode == 0
    what = [line[6:17].strip() for line in done.stdout.splitlines()[:-1]]
    assert what == ["name", "key files", "api", "nat test", "signalling",
                    "relay", "id ws", "relay ws", "udp", "protocol",
                    "protocol", "server key", "session", "wss", "wss",
                    "certificate", "accounts", "clock"]


# What is wrong with the server, which check says so, and words of its sentence.
FAULTS = [
    ("no api", "api", "firewall"),
    ("no ws", "id ws", "firewall"),
    ("no relay-ws", "relay ws", "firewall"),
    ("no udp", "udp", "firewall"),
    ("other source", "udp", "answers from 127.0.0.2"),
    ("garbage", "protocol", "Something else listens"),
    ("no offer", "server key", "no encryption"),
    ("no pairing", "session", "closed the connection"),
    ("sign in", "session", "give the access token"),
    ("no path", "wss", "HTTP status 404"),
    ("no https", "wss", "nginx"),
    ("broken api", "accounts", "HTTP status 500"),
    ("clock", "clock", "time service"),
    ("acme", "acme", "no such name"),
    ("mail", "mail", "test mail"),
    ("directory", "directory", "main is down: no answer"),
]
SIGNED_IN = ("mail", "directory")


@pytest.mark.parametrize("fault, label, todo", FAULTS)
def test_one_fault_is_found_and_explained(examine, fault, label, todo):
    options = ("--token", "geheim") if fault in SIGNED_IN else ()
    done = examine(fault, options=options)
    assert done.returncode == 1
    lines = failures(done)
    assert lines and all(line[6:17].strip() == label for line in lines)
    assert todo in lines[0]


def test_a_token_goes_to_a_trusted_server_only(examine):
    """localhost's own port is there too, and shows that it does work."""
    done = examine("mail", "no api", options=(
        "--token", "geheim", "--skip", "ports,wss"), trust=False)
    assert failures(done) == [], done.stdout
    assert "geheim" not in done.stdout


def test_a_server_that_knows_no_test_id_is_asked_all_the_same(examine):
    assert failures(examine("no test id")) == []


@pytest.mark.parametrize("fault, labels", [
    ("no nat", {"nat test", "protocol"}),
    ("no signal", {"signalling", "protocol", "server key"}),
    ("no relay", {"relay", "session"}),
])
def test_a_closed_port_fails_what_needs_it(examine, fault, labels):
    found = {line[6:17].strip() for line in failures(examine(fault))}
    assert found == labels


def test_a_lost_datagram_is_sent_again(examine):
    assert failures(examine("lossy")) == []


def test_a_wrong_key_is_found_by_server_and_relay(examine, tmp_path):
    other = utils("genkeypair").stdout.split()[2]
    empty = tmp_path / "empty"
    empty.mkdir()
    done = examine(options=("--key", other), cwd=empty)
    text = "\n".join(failures(done))
    assert "signs with another key" in text
    assert "hbbs refuses the key" in text
    assert len(failures(done)) == 2


def test_a_key_that_is_not_the_pair_in_the_folder_is_found(examine):
    other = utils("genkeypair").stdout.split()[2]
    text = "\n".join(failures(examine(options=("--key", other))))
    assert f"but clients are given {other}" in text


def test_broken_key_files_are_found(examine, keys):
    (keys / "id_ed25519.pub").write_text("old")
    assert "not the public half" in failures(examine())[0]
    (keys / "id_ed25519").write_text("broken")
    assert "cannot be used" in failures(examine())[0]


def test_an_untrusted_certificate_is_told_and_can_be_accepted(examine):
    done = examine(trust=False)
    assert len(failures(done)) == 2
    assert "certificate is not trusted" in failures(done)[0]
    done = examine(trust=False, options=("--insecure",))
    assert failures(done) == []
    assert "/ws/id leads to hbbs (certificate not trusted)" in done.stdout


def test_an_api_that_is_nowhere_is_told(examine):
    done = examine("no https", "no api", options=("--skip", "wss,ports"))
    assert [line[6:17].strip() for line in failures(done)] == ["accounts"]


def test_a_certificate_that_ends_soon_is_told(examine, certificate):
    make_certificate(certificate, days=5)
    try:
        lines = failures(examine())
    finally:
        make_certificate(certificate)
    assert len(lines) == 1
    assert re.search(r"it expires in [45] days\. Renew", lines[0])


def test_redis_is_asked_when_its_url_is_known(examine, tmp_path):
    redis = Redis(tmp_path / "redis")
    try:
        done = examine(options=("--redis-url", redis.url))
        assert failures(done) == []
        assert "ok    redis       it answers" in done.stdout
    finally:
        redis.stop()
    url = f"unix://{tmp_path}/nothing?password=geheim"
    lines = failures(examine(options=("--redis-url", url)))
    assert len(lines) == 1 and "no answer at REDIS_URL" in lines[0]
    assert "geheim" not in lines[0]


def test_checks_can_be_left_out(examine):
    done = examine("no https", "no api",
                   options=("--skip", "wss,ports, key,api", "--key", PUBLIC))
    assert done.returncode == 0
    done = examine("no https", "no udp", options=("--skip", "wss, udp"))
    assert done.returncode == 0


def test_a_name_without_address_ends_the_examination():
    done = utils("doctor", "no-such-host.invalid")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    assert "has no address" in done.stdout


def test_a_silent_server_does_not_hang_the_doctor(examine):
    done = examine("no udp", "no offer",
                   options=(
                       "--skip", "wss,relay,signal,certificate,api,acme",
                       "--timeout", "200ms"))
    assert {line[6:17].strip() for line in failures(done)} == \
        {"udp", "server key"}


# ---- the real programs ------------------------------------------------------

@pytest.fixture(scope="module", name="site")
def running(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("site"))
    try:
        yield site.start()
    finally:
        site.stop()


def token_of(site):
    return site.api("POST", "/api/login", {
        "username": "admin", "password": PASSWORD, "id": "1",
        "uuid": "dQ==", "type": "account", "autoLogin": True,
        "deviceInfo": {"os": "Linux", "type": "client",
                       "name": "doctor"}})["access_token"]


def examined(site, *options):
    return utils("doctor", "--port", site.first + 2, "--relay-port",
                 site.first + 3, "--data-dir", site.folder / "hbbs",
                 "--skip", "wss,certificate", "--redis-url",
                 site.redis.url, *options, "127.0.0.1")


def test_a_healthy_stack_is_green_and_no_device_comes_of_it(site):
    done = examined(site)
    assert failures(done) == [], done.stdout
    assert done.returncode == 0
    assert "data passes through the relay" in done.stdout
    assert site.redis.do("GET", "peers:count") in (None, b"0")
    assert not [k for k in site.redis.do("KEYS", "*") if b"test_hbbs" in k]


def test_hbbs_announces_no_session_to_a_wrong_key(site):
    other = utils("genkeypair").stdout.split()[2]
    done = examined(site, "--key", other, "--data-dir", "/nowhere")
    assert "hbbs refuses the key" in done.stdout, done.stdout


def test_where_log_in_is_demanded_the_doctor_asks_for_a_token(site):
    token = token_of(site)
    general = site.api("GET", "/api/settings/general", token=token)
    site.api("PUT", "/api/settings/general", {"access_control": "strict"},
             token)
    try:
        lines = failures(examined(site))
        assert len(lines) == 1 and "access token" in lines[0], lines
        done = examined(site, "--token", token)
        assert failures(done) == [], done.stdout
        assert token not in done.stdout + done.stderr
    finally:
        site.api("PUT", "/api/settings/general", {
            "access_control": general["access_control"]}, token)
