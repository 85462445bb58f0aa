"""The pages: what the api serves from a folder, and what it never does."""
import os
import socket

import pytest
import requests

from harness import Api, Client, Redis


def put(root, name, data):
    path = os.path.join(root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


@pytest.fixture(scope="module")
def site(world, tmp_path_factory):
    root = str(tmp_path_factory.mktemp("dist"))
    put(root, "index.html", b"<!doctype html>console")
    put(root, "assets/page-ABCD2345.js", b"plain script")
    put(root, "assets/page-ABCD2345.js.br", b"as brotli")
    put(root, "assets/page-ABCD2345.js.gz", b"as gzip")
    put(root, "icon.svg", b"<svg/>")
    put(root, "web/index.html", b"<!doctype html>client")
    put(root, "web/assets/worker-ABCD2345.js", b"a worker")
    put(root, "web/terminal.html", b"<!doctype html>terminal")
    put(root, "web/tunnel.html", b"<!doctype html>tunnel")
    put(root, ".secret", b"secret")
    put(os.path.dirname(root), "outside.txt", b"secret")
    os.symlink(os.path.join(os.path.dirname(root), "outside.txt"),
               os.path.join(root, "link.txt"))
    os.symlink(os.path.dirname(root), os.path.join(root, "up"))
    os.mkfifo(os.path.join(root, "pipe.txt"))
    api = Api(world.redis, data=world.api.dir, WEB_DIR=root)
    api.root = root
    yield api
    api.stop()


def get(site, path, method="GET", **headers):
    headers.setdefault("Accept-Encoding", "identity")
    r = requests.request(method, site.base + path, timeout=20, headers=headers,
                         allow_redirects=False)
    Client.note(method, r)
    return r


def raw(site, target, method="GET"):
    """A request line that no library would send; the answer's head and body."""
    with socket.create_connection(("127.0.0.1", site.port), 20) as s:
        s.sendall(f"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        data = b""
        while chunk := s.recv(65536):
            data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode(), body


def test_the_console_is_at_the_root_and_at_every_path_of_its_own(site):
    for path in ("/", "/devices", "/devices/123/settings", "/apis"):
        r = get(site, path)
        assert (r.status_code, r.text) == (200, "<!doctype html>console"), path
        assert r.headers["Content-Type"] == "text/html; charset=utf-8"
        assert r.headers["Cache-Control"] == "no-cache"


def test_the_client_is_below_web(site):
    assert get(site, "/web/").text == "<!doctype html>client"
    r = get(site, "/web")
    assert (r.status_code, r.headers["Location"]) == (308, "/web/")


def test_a_file_that_is_gone_is_404_and_never_an_index(site):
    for path in ("/assets/page-OLD.js", "/web/assets/old.js", "/favicon.ico", "/assets/",
                 "/web/nothing", "/index.html/x.js"):
        r = get(site, path)
        assert r.status_code == 404 and r.json()["error"], path


def test_an_unknown_path_of_the_api_is_no_page(site):
    for method in ("GET", "POST", "DELETE"):
        for path in ("/api/nothing", "/api/", "/api"):
            assert get(site, path, method).status_code == 404, (method, path)
    assert get(site, "/devices", "POST").status_code == 405


def test_hashed_names_are_kept_for_ever_and_pages_are_not(site):
    r = get(site, "/assets/page-ABCD2345.js")
    assert r.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert r.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert r.headers["X-Content-Type-Options"] == "nosniff"
    assert get(site, "/icon.svg").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("accept, coding, body", [
    ("br, gzip", "br", b"as brotli"), ("gzip", "gzip", b"as gzip"),
    ("gzip;q=1, br;q=0", "gzip", b"as gzip"), ("GZIP ; q=0.5", "gzip", b"as gzip"),
    ("identity", None, b"plain script"), ("brotli, x-gzip", None, b"plain script"),
    ("gzip;q=0.000", None, b"plain script")])
def test_a_compressed_copy_goes_to_whoever_takes_it(site, accept, coding, body):
    with requests.get(site.base + "/assets/page-ABCD2345.js", timeout=20, stream=True,
                      headers={"Accept-Encoding": accept}) as r:
        assert r.headers.get("Content-Encoding") == coding
        assert r.headers["Vary"] == "Accept-Encoding"
        assert r.raw.read(decode_content=False) == body


def test_an_unchanged_file_is_304_and_a_changed_one_is_not(site):
    put(site.root, "changing.txt", b"one")
    etag = get(site, "/changing.txt").headers["ETag"]
    for sent in (etag, f'"other", W/{etag}', "*"):
        r = get(site, "/changing.txt", **{"If-None-Match": sent})
        assert (r.status_code, r.content, r.headers["ETag"]) == (304, b"", etag)
    put(site.root, "changing.txt", b"three")
    assert get(site, "/changing.txt", **{"If-None-Match": etag}).text == "three"


def test_head_has_the_length_and_no_body(site):
    r = get(site, "/assets/page-ABCD2345.js", "HEAD")
    assert (r.status_code, r.headers["Content-Length"], r.content) == (200, "12", b"")


@pytest.mark.parametrize("target", [
    "/../outside.txt", "/assets/../../outside.txt", "/%2e%2e/outside.txt",
    "/..%2foutside.txt", "/assets/%2e%2e%2f%2e%2e%2foutside.txt", "//etc/passwd.txt", "/.secret",
    "/./index.html", "/link.txt", "/up/outside.txt", "/pipe.txt", "/web/../index.html",
    "/web/../../outside.txt", "/assets//page-ABCD2345.js", "/" + "a" * 300 + ".js",
    "/a/b/c/d/e/f/g/h/i/j.js", "/assets.js", "/\\..\\outside.txt", "/outside.txt%00.js"])
def test_nothing_outside_the_folder_is_ever_sent(site, target):
    status, _, body = raw(site, target)
    assert status in (400, 404) and b"secret" not in body, (target, status, body)


def test_the_policy_of_each_page_is_strict(site):
    policy = get(site, "/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "script-src 'self';" in policy
    for word in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'",
                 "style-src 'self';", f"connect-src 'self' ws://127.0.0.1:{site.port};"):
        assert word in policy, policy
    assert "unsafe" not in policy
    assert get(site, "/").headers["Referrer-Policy"] == "no-referrer"
    client = get(site, "/web/").headers["Content-Security-Policy"]
    assert client.count("unsafe") == 1 and "script-src 'self' 'wasm-unsafe-eval';" in client
    frame = get(site, "/web/terminal.html").headers["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in frame and "frame-ancestors 'self'" in frame


def test_the_frame_of_a_service_behind_a_device_has_no_origin_and_no_network(site):
    headers = get(site, "/web/tunnel.html").headers
    rules = dict(rule.partition(" ")[::2] for rule in headers["Content-Security-Policy"].split("; "))
    assert rules.pop("sandbox") == "allow-scripts allow-forms"
    assert rules.pop("default-src") == rules.pop("form-action") == "'none'"
    assert rules.pop("frame-ancestors") == "'self'"
    # Nothing is loaded by an address, not even from here.
    allowed = {word for rule in rules.values() for word in rule.split()}
    assert allowed == {"'unsafe-inline'", "'unsafe-eval'", "blob:", "data:"}, rules
    assert "microphone=()" in headers["Permissions-Policy"]
    # … in the client's folder alone.
    assert "sandbox" not in get(site, "/web/").headers["Content-Security-Policy"]


def test_the_microphone_is_for_the_clients_page_alone(site):
    def policy(path):
        return get(site, path).headers["Permissions-Policy"]
    assert policy("/web/") == "microphone=(self)"
    for path in ("/", "/web/terminal.html", "/assets/page-ABCD2345.js"):
        assert policy(path) == "microphone=()", path


def test_a_script_has_the_policy_of_its_pages_for_where_it_is_a_worker(site):
    for script, page in (("/assets/page-ABCD2345.js", "/"), ("/web/assets/worker-ABCD2345.js", "/web/")):
        assert get(site, script).headers["Content-Security-Policy"] == get(
            site, page).headers["Content-Security-Policy"], script


def test_a_strange_host_does_not_get_into_the_policy(site):
    r = get(site, "/", Host="x; script-src *")
    assert "script-src *" not in r.headers["Content-Security-Policy"]


def test_before_the_pages_are_built_the_root_says_so(world, tmp_path):
    api = Api(world.redis, data=world.api.dir, WEB_DIR=str(tmp_path / "dist"))
    try:
        for path in ("/", "/devices", "/web/"):
            r = requests.get(api.base + path, timeout=20)
            assert r.status_code == 200 and "make web" in r.text
            assert r.headers["Cache-Control"] == "no-store"
        assert requests.get(api.base + "/assets/x.js", timeout=20).status_code == 404
        put(str(tmp_path), "dist/index.html", b"built")
        assert requests.get(api.base + "/", timeout=20).text == "built"
    finally:
        api.stop()


def test_another_client_takes_the_place_of_ours(world, tmp_path):
    put(str(tmp_path), "ours/web/index.html", b"ours")
    put(str(tmp_path), "ours/index.html", b"console")
    put(str(tmp_path), "theirs/index.html", b"theirs")
    api = Api(world.redis, data=world.api.dir, WEB_DIR=str(tmp_path / "ours"),
              WEB_CLIENT=str(tmp_path / "theirs"))
    try:
        assert requests.get(api.base + "/web/", timeout=20).text == "theirs"
        assert requests.get(api.base + "/", timeout=20).text == "console"
    finally:
        api.stop()


def test_pages_are_served_while_redis_is_away(tmp_path):
    put(str(tmp_path), "dist/index.html", b"console")
    redis = Redis()
    api = Api(redis, WEB_DIR=str(tmp_path / "dist"))
    redis.stop()
    try:
        assert requests.get(api.base + "/", timeout=20).text == "console"
    finally:
        api.stop()
