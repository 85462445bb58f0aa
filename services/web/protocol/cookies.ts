// The cookies of one service (RFC 6265), kept as long as its tunnel: one
// host, so that a domain says nothing.
const MAX_COOKIES = 50;         // what browsers keep of a host
const MAX_COOKIE = 4096;        // bytes of a name with its value
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\u0020-\u003a\u003c-\u007e]*$/;

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly until: number;       // ms, Infinity: as long as the tunnel
  readonly httpOnly: boolean;
}

const folder = (path: string) =>
  path.slice(0, Math.max(1, path.lastIndexOf('/')));

const covers = (of: string, path: string) => of === path
  || (path.startsWith(of) && (of.endsWith('/') || path[of.length] === '/'));

function read(line: string, path: string, now: number): Cookie | undefined {
  const [pair = '', ...rest] = line.split(';');
  const at = pair.indexOf('=');
  const name = pair.slice(0, Math.max(0, at)).trim();
  const value = pair.slice(at + 1).trim();
  if (!TOKEN.test(name) || !VALUE.test(value)
      || name.length + value.length > MAX_COOKIE)
    return undefined;
  const more = new Map(rest.slice(0, 20).map((part) => {
    const [key = '', ...words] = part.split('=');
    return [key.trim().toLowerCase(), words.join('=').trim()] as const;
  }));
  const age = more.get('max-age');
  const expires = Date.parse(more.get('expires') ?? '');
  const until = age !== undefined && /^-?\d+$/.test(age)
    ? now + Number(age) * 1000 : Number.isNaN(expires) ? Infinity : expires;
  const given = more.get('path') ?? '';
  return {
    name, value, until, httpOnly: more.has('httponly'),
    path: given.startsWith('/') ? given : folder(path),
  };
}

export class Jar {
  private all: Cookie[] = [];

  // LINE: of Set-Cookie, in an answer to PATH; SCRIPT: of a page instead.
  set(line: string, path: string, now: number, script = false): void {
    const cookie = read(line, path, now);
    if (!cookie || (script && cookie.httpOnly))
      return;
    const same = (c: Cookie) => c.name === cookie.name
      && c.path === cookie.path;
    if (script && this.all.some((c) => same(c) && c.httpOnly))
      return;
    this.all = this.all.filter((c) => !same(c));
    if (cookie.until > now)
      this.all = [...this.all, cookie].slice(-MAX_COOKIES);
  }

  // What a request for PATH carries, or what a page there may read.
  get(path: string, now: number, script = false): string {
    return this.all.filter((c) => c.until > now && covers(c.path, path)
      && !(script && c.httpOnly))
      .sort((a, b) => b.path.length - a.path.length)
      .map((c) => `${c.name}=${c.value}`).join('; ');
  }
}
