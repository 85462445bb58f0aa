"""A web service behind the scripted device."""

import gzip
import http.server
import threading
import zlib

PAGE = """<!doctype html><html><head><title>Printer</title>
<link rel="stylesheet" href="style.css"></head><body>
<h1>Printer of the workshop</h1><img id="dot" src="/dot.png" alt="dot">
<p id="said">nothing</p><p id="kept"></p>
<a href="next?from=home">Next page</a>
<a href="https://elsewhere.example/">Elsewhere</a>
<a href="/paper.bin">A file</a><a href="/jump">Jump</a>
<form method="post" action="/form"><label>Name
<input name="name" value="Ada &amp; Bob"></label><button>Send</button></form>
<script src="/app.js"></script></body></html>"""
# Scripts stand at the end of the body: fetch and cookies of the page.
SCRIPT = """
document.cookie = 'seen=yes; Path=/';
fetch('/api').then((r) => r.json()).then((v) => {
  document.getElementById('said').textContent = v.said;
});
const asked = new XMLHttpRequest();
asked.onload = () => {
  document.getElementById('kept').textContent = asked.responseText;
};
asked.open('GET', '/cookies');
asked.send();
"""
# Tries whatever could reach the page around it, and says what it got.
HOSTILE = """<!doctype html><title>hostile</title><pre id="got">…</pre><script>
const got = [];
const attempt = async (name, what) => {
  let result;
  try { result = 'REACHED ' + await what(); } catch { result = 'refused'; }
  got.push(name + ': ' + result);
};
const loaded = (tag, name, address) => new Promise((done, fail) => {
  const e = document.createElement(tag);
  e.onload = () => done('loaded'); e.onerror = () => fail();
  e[name] = address; document.body.append(e);
});
const outer = '%s';
(async () => {
  await attempt('document', () => parent.document.title);
  await attempt('storage', () => parent.localStorage.length);
  await attempt('top', () => { top.location = 'about:blank'; return 'gone'; });
  await attempt('window', () => open('about:blank').name);
  await attempt('fetch', async () => (await fetch(outer)).status);
  await attempt('raw', async () => {
    const f = document.createElement('iframe');
    document.body.append(f);
    const r = await f.contentWindow.fetch(outer + 'api/web/config');
    return r.status;
  });
  await attempt('image', () => loaded('img', 'src', outer + 'icon.svg'));
  await attempt('script', () => loaded('script', 'src', outer + 'sw.js'));
  await attempt('socket', () => new Promise((done, fail) => {
    const s = new WebSocket(outer.replace('http', 'ws') + '../ws/id');
    s.onopen = done; s.onerror = fail;
  }));
  await attempt('worker', () => new Promise((done, fail) => {
    const w = new Worker(outer + 'sw.js');
    w.onmessage = done; w.onerror = fail;
  }));
  await attempt('origin', () => {
    if (origin === 'null') throw 0;
    return origin;
  });
  parent.postMessage({ say: 'ended' }, '*');
  document.getElementById('got').textContent = got.join('\\n') + '\\nthat is all';
})();
</script>"""


def png():
    """Four red pixels."""
    def part(kind, data):
        body = kind + data
        return (len(data).to_bytes(4, "big") + body
                + zlib.crc32(body).to_bytes(4, "big"))
    head = (2).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    rows = (b"\x00" + b"\xff\x00\x00" * 2) * 2
    return (b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head)
            + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b""))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    outer = ""

    def page(self, text):
        self.answer(text.encode(), "text/html; charset=utf-8")

    def answer(self, data, kind, **headers):
        """In chunks, packed."""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Transfer-Encoding", "chunked")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        data = gzip.compress(data)
        for part in (data[:7], data[7:]):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def do_GET(self):
        path = self.path.split("?")[0]
        if path == "/":
            self.send_response(302)
            self.send_header("Location", "/home/")
            self.send_header("Set-Cookie", "session=s1; Path=/; HttpOnly")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path == "/home/":
            self.page(PAGE)
        elif path == "/home/style.css":
            self.answer(b"h1 { color: rgb(1, 2, 3) }"
                        b"body { background: url('../dot.png') }", "text/css")
        elif path == "/dot.png":
            self.answer(png(), "image/png")
        elif path == "/app.js":
            self.answer(SCRIPT.encode(), "text/javascript")
        elif path == "/api":
            self.answer(b'{"said": "hello by fetch"}', "application/json")
        elif path == "/cookies":
            self.answer(b"cookies: " + self.headers.get(
                "Cookie", "").encode(), "text/plain")
        elif path == "/home/next":
            self.page(f"<h1>Second page</h1><p>{self.path}</p>")
        elif path == "/paper.bin":
            self.answer(bytes(3000), "application/octet-stream")
        elif path == "/jump":
            self.send_response(302)
            self.send_header("Location", "https://elsewhere.example/far")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path == "/hostile":
            self.page(HOSTILE % self.outer)
        else:
            self.send_error(404)

    def do_POST(self):
        size = int(self.headers["Content-Length"])
        body = self.rfile.read(size).decode()
        self.page(f"<h1>Sent</h1><p id=sent>{body}</p>")

    def log_message(self, *_):
        pass


def start(outer):
    """Returns its port; OUTER is the address of the client's page."""
    Handler.outer = outer
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]
