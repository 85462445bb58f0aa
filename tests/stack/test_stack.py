"""The containers as an operator starts them, used as clients use them.

The order matters little: every test leaves the stack healthy.
"""

import base64
import hashlib
import hmac
import http.client
import json
import re
import socket
import ssl
import time

import browser
import clients
import mangle
import peer
import pytest
from clients import SERVER
from compose import ROOT, SERVICES

RUN_WAIT = 60
UUID_MISMATCH = 2
IMAGES_MAX = 350_000_000    # of five together


def until(what, seconds=RUN_WAIT):
    """Calls WHAT until it returns something true, and returns that."""
    end = time.monotonic() + seconds
    while True:
        try:
            if (result := what()):
                return result
            problem = "nothing"
        except Exception as e:
            problem = e
        assert time.monotonic() < end, f"not within {seconds} s: {problem!r}"
        time.sleep(0.2)


def https(case, method, path, **more):
    context = ssl.create_default_context(cafile=case.certificate)
    c = http.client.HTTPSConnection(SERVER, 443, context=context, timeout=10)
    c.request(method, path, **more)
    answer = c.getresponse()
    body = answer.read()
    c.close()
    return answer, body


def serve_and_control(site, how, device=None, **controller):
    """A session between DEVICE, or a new one, and a new controller."""
    if device is None:
        device = site.device(auto=True).register()
    a = site.controller(**controller)
    session, login = a.connect(device.id)
    assert login.peer_info.hostname == "host-b", login
    assert a.how == how
    other = device.next_session()
    session.send(test_delay={"time": 77})
    assert other.recv("test_delay").time == 77
    other.send(test_delay={"time": 78, "from_client": True})
    assert session.recv("test_delay").time == 78
    return session


# ---- the containers ---------------------------------------------------------

def test_every_container_is_healthy(stack):
    assert {s: stack.health(s) for s in SERVICES} == dict.fromkeys(
        SERVICES, "healthy")


def test_all_images_together_are_no_larger_than_350_mb(stack):
    """As they lie on a disk: an archive has each shared layer once."""
    images = {stack.inspect(s)["Config"]["Image"] for s in SERVICES}
    size = int(stack.run("sh", "-ec", "docker save \"$@\" | wc -c", "sh",
                         *sorted(images)))
    assert size <= IMAGES_MAX, f"{size / 1e6:.0f} MB"


@pytest.mark.parametrize("service", SERVICES)
def test_runs_without_privileges(stack, service):
    about = stack.inspect(service)
    host = about["HostConfig"]
    assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"]
    assert not host["Privileged"] and about["Config"]["User"] == "65532:65532"
    assert not host["Ulimits"], "not every host lets a limit be raised"
    limits = re.search(r"Max open files +(\d+) +(\d+)", stack.exec(
        service, "cat", "/proc/1/limits"))
    if service in ("hbbs", "hbbr", "api"):
        assert int(limits[1]) == min(int(limits[2]), 1 << 20), limits[0]
    status = dict(
        line.split(":\t", 1) for line in stack.exec(
            service, "cat", "/proc/1/status").splitlines() if ":\t" in line)
    assert status["Uid"].split() == ["65532"] * 4
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"].strip() == "1"
    assert status["Seccomp"].strip() == "2"
    profile = [json.loads(o[8:]) for o in host["SecurityOpt"] if o.startswith("seccomp=")]
    ours = json.loads((ROOT / "packaging/seccomp.json").read_text())
    assert profile == ([ours] if service in ("hbbs", "hbbr", "api") else [])
    assert "Read-only file system" in stack.exec(
        service, "touch", "/usr/x", check=False)


def test_the_secret_key_never_leaves_hbbs(stack):
    mode = stack.exec("hbbs", "stat", "-c", "%a %U", "/data/id_ed25519")
    assert mode.strip() == "600 rustdesk"
    secret = stack.exec("hbbs", "cat", "/data/id_ed25519").strip()
    for service in ("hbbr", "api", "nginx", "redis"):
        mounts = [m["Name"] for m in stack.inspect(service)["Mounts"]
                  if m["Type"] == "volume"]
        assert not [m for m in mounts if m.endswith("_hbbs")], service
        found = stack.exec(service, "sh", "-c",
                           f"grep -rlF '{secret}' /data /public /certs "
                           "2>/dev/null || true")
        assert found.strip() == "", service


def test_redis_is_on_no_network_with_a_way_out(stack):
    about = stack.inspect("redis")
    assert not about["HostConfig"]["PortBindings"]
    networks = list(about["NetworkSettings"]["Networks"])
    assert len(networks) == 1
    network = json.loads(stack.run("docker", "network", "inspect",
                                   networks[0]))[0]
    assert network["Internal"] is True


# ---- sessions through the published ports -----------------------------------

def test_a_direct_session(case):
    serve_and_control(case.site(), "direct")


def test_a_relayed_session_with_no_relay_configured(case):
    serve_and_control(case.site(), "relay", force_relay=True)


def test_a_session_with_a_device_registered_over_tcp(case):
    site = case.site()
    device = site.device(mode="tcp", auto=True).register()
    serve_and_control(site, "relay", device)


def test_a_session_between_a_websocket_and_a_udp_client(case):
    serve_and_control(case.site(), "relay", mode="ws")


def test_the_servers_see_the_addresses_of_clients(case):
    site = case.site()
    device = site.device().register()
    source = case.ip()
    server = site.punch(device.id, source=source)
    push = device.push("punch_hole")
    assert mangle.decode(push.socket_addr) == server.address
    assert server.address[0] == source


def test_a_forwarding_header_from_a_client_is_not_believed(case):
    site = case.site()
    device = site.device().register()
    source = case.ip()
    site.ws(source, headers=[("X-Real-IP", "192.0.2.66"),
                             ("X-Forwarded-For", "192.0.2.66")]).send_msg(
        **site.request(device.id))
    push = device.push("punch_hole")
    assert mangle.decode(push.socket_addr)[0] == source


# ---- port 443 ---------------------------------------------------------------

def test_a_session_with_only_443_open(case):
    site = case.wss_site()
    device = site.device(mode="ws", auto=True).register()
    serve_and_control(site, "relay", device, mode="ws")


def test_a_fleet_of_websocket_clients_registers_over_443(case):
    site = case.wss_site()
    fleet = [site.device(mode="ws").register() for _ in range(50)]
    assert all(site.online(*(d.id for d in fleet), over=site.ws()))


def test_nginx_overwrites_forwarding_headers(case):
    device = case.site().device().register()
    site, source = case.wss_site(), case.ip()
    site.ws(source, headers=[("X-Real-IP", "192.0.2.66"),
                             ("X-Forwarded-For", "192.0.2.66")]).send_msg(
        **site.request(device.id))
    push = device.push("punch_hole")
    assert mangle.decode(push.socket_addr)[0] == source


def test_the_api_answers_through_nginx(case):
    answer, _ = https(case, "GET", "/api/login-options")
    assert answer.status < 500, answer.status


def test_plain_http_is_redirected(case):
    c = http.client.HTTPConnection(SERVER, 80, timeout=10)
    c.request("GET", "/api/peers?x=1")
    answer = c.getresponse()
    assert answer.status == 301
    assert answer.getheader("Location") == f"https://{SERVER}/api/peers?x=1"


def test_an_acme_challenge_is_served_on_port_80(case, stack):
    volume = stack.env["COMPOSE_PROJECT_NAME"] + "_acme"
    stack.run("docker", "run", "--rm", "--user", "0:0", "--entrypoint", "sh",
              "-v", f"{volume}:/acme", "rustdesk-stack/nginx:stacktest", "-c",
              "mkdir -p /acme/.well-known/acme-challenge && "
              "printf token.thumb > /acme/.well-known/acme-challenge/token")
    c = http.client.HTTPConnection(SERVER, 80, timeout=10)
    c.request("GET", "/.well-known/acme-challenge/token")
    assert c.getresponse().read() == b"token.thumb"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_old_tls_is_refused(version):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = getattr(ssl.TLSVersion, version)
    with socket.create_connection((SERVER, 443), 10) as s:
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(s)


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_modern_tls_and_http2_are_offered(case, version):
    context = ssl.create_default_context(cafile=case.certificate)
    context.set_alpn_protocols(["h2", "http/1.1"])
    wanted = getattr(ssl.TLSVersion, version)
    context.minimum_version = context.maximum_version = wanted
    with socket.create_connection((SERVER, 443), 10) as s:
        with context.wrap_socket(s, server_hostname=SERVER) as tls:
            assert tls.version() == version.replace("_", ".")
            assert tls.selected_alpn_protocol() == "h2"


def test_password_guessing_is_slowed_down_in_json(case):
    """More than LOGIN_RATE allows, one after the other."""
    def login():
        return https(case, "POST", "/api/login", body="{}", headers={
            "Content-Type": "application/json"})

    first, _ = login()
    assert first.status != 429
    until(lambda: [a for a, body in (login() for _ in range(20))
                   if a.status == 429 and json.loads(body)["error"]])


def test_what_nginx_refuses_is_answered_in_json(case):
    context = ssl.create_default_context(cafile=case.certificate)
    c = http.client.HTTPSConnection(SERVER, 443, context=context, timeout=10)
    c.putrequest("POST", "/api/heartbeat")
    c.putheader("Content-Length", str(100 << 20))
    c.endheaders()
    answer = c.getresponse()
    assert answer.status == 413
    assert json.loads(answer.read())["error"]


def test_two_slashes_mean_one(case):
    one, _ = https(case, "GET", "/api/login-options")
    two, _ = https(case, "GET", "//api/login-options")
    assert two.status == one.status == 200


def test_a_client_without_api_server_gets_its_websockets_on_port_80(case):
    """It dials ws://HOST/ws/id and follows no redirect."""
    site = case.plain_site()
    device = site.device(mode="ws", auto=True).register()
    serve_and_control(site, "relay", device, mode="ws")


def test_the_self_signed_certificate_is_an_ends_own(case, stack):
    text = stack.run("openssl", "x509", "-in", case.certificate, "-noout",
                     "-ext", "basicConstraints,extendedKeyUsage,"
                     "subjectAltName")
    assert "CA:FALSE" in text and "TLS Web Server Authentication" in text
    assert SERVER in text and "localhost" in text


# ---- what a browser does ----------------------------------------------------

def test_a_browser_controls_a_device(case, stack):
    browser.publish(stack.web)
    device = case.site().device(auto=True).register()
    with browser.Browser(case.certificate, stack.folder / "driver.log") as b:
        b.start(f"https://{SERVER}/web/", device.id, device.password,
                case.key)
        served = device.next_session()
        served.send(test_delay={"time": 99})
        assert served.recv("test_delay").time == 99
        host, steps = b.result()
    assert host == "host-b"
    assert steps[0] == "wss to /ws/id is open"
    assert steps[-1] == "delay probe returned"


def test_the_turn_profile_lets_in_whom_the_api_sends_and_reaches_nothing_near(
        stack):
    secret = "made-for-this-test-alone"
    env = {**stack.env, "TURN_SECRET": secret, "TURN_ADDRESS": SERVER}
    turn = [*stack.command().split(), "--profile", "turn"]
    stack.run(*turn, "build", "turn", env=env, timeout=900)
    stack.run(*turn, "up", "-d", "--no-deps", "turn", env=env)
    try:
        until(lambda: stack.health("turn") == "healthy")
        name = f"{int(time.time()) + 600}:1"
        password = base64.b64encode(hmac.new(
            secret.encode(), name.encode(), hashlib.sha1).digest()).decode()

        def said(password):
            return stack.run(
                *turn, "exec", "-T", "turn", "turnutils_uclient", "-u", name,
                "-w", password, "-e", "127.0.0.1", "-n", "1", "-y",
                "127.0.0.1", env=env, check=False)
        assert "Forbidden IP" in said(password)
        refused = said("wrong")
        assert "Cannot complete Allocation" in refused, refused
        assert "Forbidden IP" not in refused
        assert secret not in stack.logs("turn")
    finally:
        stack.run(*turn, "rm", "-sf", "turn", env=env)


# ---- change without loss ----------------------------------------------------

def test_a_reload_keeps_a_live_websocket(case, stack):
    site = case.wss_site()
    device = site.device(mode="ws", auto=True).register()
    session = serve_and_control(site, "relay", device, mode="ws")
    before = _processes(stack)
    stack.compose("kill", "-s", "HUP", "nginx")
    until(lambda: _processes(stack) - before)
    assert device.ended is None
    session.send(test_delay={"time": 5})    # the relay is still there
    serve_and_control(site, "relay", device, mode="ws")


def _processes(stack):
    """The children of nginx's master."""
    return set(stack.exec("nginx", "cat", "/proc/1/task/1/children").split())


def test_a_renewed_certificate_is_taken_up_without_a_restart(case, stack):
    site = case.wss_site()
    device = site.device(mode="ws").register()
    made = stack.inspect("nginx")["State"]["StartedAt"]
    stack.exec(
        "nginx", "sh", "-c",
        "cd /certs && openssl req -x509 -newkey rsa:2048 -nodes -days 9 "
        "-subj /CN=renewed -addext subjectAltName=IP:" + SERVER +
        " -keyout key.new -out crt.new 2>/dev/null && cp tls.crt crt.old && "
        "cp tls.key key.old && mv key.new tls.key && mv crt.new tls.crt")
    try:
        until(lambda: "renewed" in _subject())
        assert device.ended is None
    finally:
        stack.exec("nginx", "sh", "-c",
                   "cd /certs && mv key.old tls.key && mv crt.old tls.crt")
        until(lambda: "renewed" not in _subject())
    assert stack.inspect("nginx")["State"]["StartedAt"] == made


def _subject():
    pem = ssl.get_server_certificate((SERVER, 443))
    return ssl.PEM_cert_to_DER_cert(pem).decode("latin-1")


@pytest.mark.parametrize("service", ["redis", "hbbr", "api", "hbbs"])
def test_a_restart_of_one_container_costs_one_retry(case, stack, service):
    site = case.site()
    device = site.device(auto=True).register()
    stack.compose("restart", "-t", "20", service)
    stack.await_healthy(service)
    until(lambda: serve_and_control(site, "relay", device, force_relay=True))


def test_a_restart_of_everything_keeps_key_certificate_and_peers(
        case, stack, key):
    site = case.site()
    device = site.device().register()
    stack.compose("restart", "-t", "20")
    stack.await_healthy()
    _nothing_lost(case, stack, site, device, key)


def test_an_upgrade_keeps_everything(case, stack, key):
    """New images, new containers: the volumes are all that stays."""
    site = case.site()
    device = site.device().register()
    before = {s: stack.container(s) for s in SERVICES}
    stack.compose("build", "--build-arg", "UPGRADE=1", timeout=1800)
    stack.up("--force-recreate")
    assert not {s for s in SERVICES if stack.container(s) == before[s]}
    _nothing_lost(case, stack, site, device, key)


def test_the_consoles_are_there_for_the_servers_own_user(stack):
    for service, command, answer in (("hbbs", "aur", "ALWAYS_USE_RELAY"),
                                     ("hbbr", "sb", "Mb/s")):
        assert answer in stack.exec(service, "rustdesk-utils", "console",
                                    command)


def test_the_documented_backup_restores_an_empty_installation(
        case, stack, key, tmp_path):
    site = case.site()
    device = site.device().register()
    stack.documented("docs/backup.md", "Backup", tmp_path)
    stack.compose("down", "--volumes", "--timeout", "20")
    stack.documented("docs/backup.md", "Restore", tmp_path)
    stack.await_healthy()
    assert stack.exec("hbbs", "cat", "/data/id_ed25519.pub").strip() == key
    https(case, "GET", "/nginx-health")     # the same certificate
    until(lambda: _reaches(site, device)).close()
    thief = site.device(device.id, uuid=b"another machine")
    thief.register_pk()
    assert thief.link.expect("register_pk_response").result == UUID_MISMATCH


def _nothing_lost(case, stack, site, device, key):
    assert stack.exec("hbbs", "cat", "/data/id_ed25519.pub").strip() == key
    https(case, "GET", "/nginx-health")     # the same certificate
    # The device keeps sending heartbeats and never registers again.
    server = until(lambda: _reaches(site, device))
    assert device.results.empty(), "the device had to register again"
    server.close()


def _reaches(site, device):
    server = site.punch(device.id)
    push = device.push("punch_hole", 2)
    assert mangle.decode(push.socket_addr) == server.address
    return server
