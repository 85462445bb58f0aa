// One exchange of HTTP/1.1 (RFC 9112) over a stream of bytes: the request in
// full, the response as it comes. Every size has a bound, and what is not
// HTTP is not guessed at.
export type HttpFault = 'unreachable' | 'not-http' | 'malformed' | 'too-large'
  | 'cut' | 'silent' | 'redirects' | 'leads-out' | 'coding' | 'lost' | 'busy'
  | 'bad-request';

export class HttpError extends Error {
  constructor(readonly fault: HttpFault, readonly detail = '') {
    super(fault);
  }
}

export type Header = readonly [name: string, value: string];

export interface Request {
  readonly method: string;
  readonly path: string;          // with the query
  readonly headers: readonly Header[];
  readonly body: Uint8Array | undefined;
}

export interface Response {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly Header[];    // names in lower case
  readonly body: Uint8Array;
}

const MAX_HEAD = 64 << 10;      // bytes; servers allow each other 8 to 64 KiB
const MAX_HEADERS = 200;
const MAX_LINE = 4096;          // of a chunk's size and a trailer
export const MAX_BODY = 32 << 20;   // bytes of an answer: it is held in memory
export const MAX_SENT = 16 << 20;   // … and of what a form sends

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
// Ours to say.
const OWN = ['host', 'connection', 'content-length', 'transfer-encoding',
  'accept-encoding', 'cookie', 'cookie2', 'expect', 'te', 'trailer',
  'upgrade', 'keep-alive', 'origin', 'referer'];

const ascii = (bytes: Uint8Array): string =>
  bytes.reduce((text, b) => text + String.fromCharCode(b), '');

export const headerOf = (headers: readonly Header[], name: string): string =>
  headers.find(([n]) => n === name)?.[1] ?? '';

// One channel is one exchange: a kept connection would be worth little beside
// the device's own way to its service.
export function encodeRequest(authority: string, r: Request,
  cookie: string): Uint8Array {
  if (!METHODS.includes(r.method) || !/^\/[\u0021-\u007e]*$/.test(r.path)
      || r.path.length > 16_384 || (r.body?.length ?? 0) > MAX_SENT)
    throw new HttpError('bad-request');
  const given = r.headers.slice(0, MAX_HEADERS).filter(([name, value]) =>
    TOKEN.test(name) && !CONTROL.test(value)
      && /^[\u0009\u0020-\u00ff]*$/.test(value)
      && !OWN.includes(name.toLowerCase()));
  const lines = [`${r.method} ${r.path} HTTP/1.1`, `Host: ${authority}`,
    'Connection: close', `Referer: http://${authority}/`,
    ...(r.method === 'GET' || r.method === 'HEAD' ? []
      : [`Origin: http://${authority}`]),
    'Accept-Encoding: gzip, deflate',
    ...given.map(([name, value]) => `${name}: ${value}`),
    ...(cookie ? [`Cookie: ${cookie}`] : []),
    ...(r.body || r.method === 'POST' || r.method === 'PUT'
      ? [`Content-Length: ${r.body?.length ?? 0}`] : [])];
  const head = Uint8Array.from(lines.join('\r\n') + '\r\n\r\n',
    (c) => c.charCodeAt(0));
  if (!r.body)
    return head;
  const out = new Uint8Array(head.length + r.body.length);
  out.set(head);
  out.set(r.body, head.length);
  return out;
}

type State = 'head' | 'length' | 'chunk' | 'chunk-end' | 'chunk-data'
  | 'trailer' | 'close' | 'done';

// What follows the head, by its headers.
function framing(status: number, headers: readonly Header[], method: string):
{ state: State; left: number } {
  if (method === 'HEAD' || status === 204 || status === 304)
    return { state: 'done', left: 0 };
  const coding = headers.filter(([n]) => n === 'transfer-encoding');
  if (coding.length > 0) {
    if (coding.length > 1 || coding[0]?.[1].toLowerCase() !== 'chunked')
      throw new HttpError('malformed');
    return { state: 'chunk', left: 0 };
  }
  const lengths = new Set(headers.filter(([n]) => n === 'content-length')
    .map(([, v]) => v));
  const [length] = lengths;
  if (length === undefined)
    return { state: 'close', left: 0 };
  if (lengths.size > 1 || !/^\d{1,15}$/.test(length))
    throw new HttpError('malformed');
  if (Number(length) > MAX_BODY)
    throw new HttpError('too-large');
  return { state: length === '0' ? 'done' : 'length', left: Number(length) };
}

// Reads one response; throws HttpError, after which it is of no use.
export class Reader {
  private rest = new Uint8Array(0);     // not yet understood
  private state: State = 'head';
  private seen = 0;                     // of rest, without an end
  private left = 0;                     // bytes of this body or chunk
  private size = 0;
  private trailers = 0;
  private status = 0;
  private reason = '';
  private headers: Header[] = [];
  private readonly parts: Uint8Array[] = [];

  constructor(private readonly method: string) {}

  // The response when it is whole.
  push(data: Uint8Array): Response | undefined {
    const all = new Uint8Array(this.rest.length + data.length);
    all.set(this.rest);
    all.set(data, this.rest.length);
    this.rest = all;
    while (this.state !== 'done' && this.step());
    return this.state === 'done' ? this.whole() : undefined;
  }

  // Nothing more comes.
  end(): Response {
    if (this.state === 'close' || this.state === 'done')
      return this.whole();
    throw new HttpError('cut');
  }

  private whole(): Response {
    const body = new Uint8Array(this.size);
    let at = 0;
    for (const part of this.parts) {
      body.set(part, at);
      at += part.length;
    }
    const { status, reason, headers } = this;
    return { status, reason, headers, body };
  }

  // True if there may be more to understand.
  private step(): boolean {
    switch (this.state) {
      case 'head': return this.head();
      case 'length': return this.body('done');
      case 'chunk-data': return this.body('chunk-end');
      case 'close':
        this.keep(this.rest);
        this.rest = new Uint8Array(0);
        return false;
      case 'chunk-end': return this.line((text) => {
        if (text !== '')
          throw new HttpError('malformed');
        this.state = 'chunk';
      });
      case 'chunk': return this.line((text) => this.chunk(text));
      case 'trailer': return this.line((text) => {
        if (++this.trailers > MAX_HEADERS)
          throw new HttpError('malformed');
        if (text === '')
          this.state = 'done';
      });
      case 'done': return false;
    }
  }

  private keep(data: Uint8Array): void {
    this.size += data.length;
    if (this.size > MAX_BODY)
      throw new HttpError('too-large');
    if (data.length > 0)
      this.parts.push(data);
  }

  private take(n: number): Uint8Array {
    const taken = this.rest.subarray(0, n);
    this.rest = this.rest.subarray(n);
    return taken;
  }

  private body(next: State): boolean {
    const part = this.take(Math.min(this.left, this.rest.length));
    this.left -= part.length;
    this.keep(part);
    if (this.left > 0)
      return false;
    this.state = next;
    return true;
  }

  private line(read: (text: string) => void): boolean {
    const end = this.rest.indexOf(10);
    if (end > MAX_LINE || (end < 0 && this.rest.length > MAX_LINE))
      throw new HttpError('malformed');
    if (end < 0)
      return false;
    read(ascii(this.take(end + 1)).replace(/\r?\n$/, ''));
    return true;
  }

  private chunk(text: string): void {
    const [, hex] = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/.exec(text) ?? [];
    if (hex === undefined)
      throw new HttpError('malformed');
    this.left = parseInt(hex, 16);
    if (this.size + this.left > MAX_BODY)
      throw new HttpError('too-large');
    this.state = this.left === 0 ? 'trailer' : 'chunk-data';
  }

  private head(): boolean {
    const start = ascii(this.rest.subarray(0, 5));
    if (!'HTTP/'.startsWith(start))
      throw new HttpError('not-http');
    const end = this.headEnd();
    if (end > MAX_HEAD || (end < 0 && this.rest.length > MAX_HEAD))
      throw new HttpError('too-large');
    if (end < 0)
      return false;
    this.seen = 0;
    this.readHead(ascii(this.take(end)).trimEnd().split(/\r?\n/));
    return true;
  }

  // Behind the empty line, or -1; what was looked at before is not again.
  private headEnd(): number {
    const b = this.rest;
    for (let at = this.seen; (at = b.indexOf(10, at)) >= 0; at++) {
      const next = b[at + 1] === 13 ? at + 2 : at + 1;
      if (b[next] === 10)
        return next + 1;
    }
    this.seen = Math.max(0, b.length - 2);
    return -1;
  }

  private readHead([first = '', ...lines]: string[]): void {
    const [, status, reason = ''] =
      /^HTTP\/1\.[01] ([1-5]\d\d)(?: (.*))?$/.exec(first) ?? [];
    if (status === undefined || lines.length > MAX_HEADERS)
      throw new HttpError('malformed');
    this.status = Number(status);
    this.reason = reason.slice(0, 200);
    this.headers = lines.map((line): Header => {
      const at = line.indexOf(':');
      const name = line.slice(0, Math.max(0, at));
      const value = line.slice(at + 1).trim();
      if (!TOKEN.test(name) || CONTROL.test(value))
        throw new HttpError('malformed');
      return [name.toLowerCase(), value];
    });
    if (this.status === 101)
      throw new HttpError('malformed');
    if (this.status < 200)
      return;                   // the real one follows
    const { state, left } = framing(this.status, this.headers, this.method);
    this.state = state;
    this.left = left;
  }
}
