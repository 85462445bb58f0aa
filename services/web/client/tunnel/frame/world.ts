// What a page finds in its window: a frame without an origin of its own has
// no cookies and no storage, and its links and forms lead nowhere.
import type { Asking, Call } from './asking';
import { fetching, requesting } from './net';

// As localStorage is, but gone with the page.
class Store {
  private readonly all = new Map<string, string>();
  get length(): number { return this.all.size; }
  key(n: number): string | null { return [...this.all.keys()][n] ?? null; }
  getItem(key: string): string | null { return this.all.get(key) ?? null; }
  setItem(key: string, value: string): void { this.all.set(key, `${value}`); }
  removeItem(key: string): void { this.all.delete(key); }
  clear(): void { this.all.clear(); }
}

const put = (of: object, name: string, what: PropertyDescriptor) =>
  Object.defineProperty(of, name, { configurable: true, ...what });

export function equip(asking: Asking, cookie: string): void {
  const cookies = new Map(cookie.split('; ').filter((c) => c)
    .map((c) => [c.split('=')[0], c] as const));
  put(document, 'cookie', {
    get: () => [...cookies.values()].join('; '),
    set: (line: unknown) => {
      const pair = `${line}`.split(';')[0]?.trim() ?? '';
      cookies.set(pair.split('=')[0], pair);
      asking.cookie(`${line}`);
    },
  });
  put(window, 'localStorage', { value: new Store() });
  put(window, 'sessionStorage', { value: new Store() });
  const asked = fetching(asking);
  put(window, 'fetch', { value: asked, writable: true });
  put(window, 'XMLHttpRequest', { value: requesting(asked), writable: true });
  HTMLFormElement.prototype.submit = function submit() {
    void send(asking, this, null);
  };
}

// --- links ------------------------------------------------------------------

// HREF within the page at ADDRESS, which is shown already.
function scroll(href: URL, address: string): boolean {
  const here = new URL(address);
  if (!href.hash || href.pathname + href.search !== here.pathname + here.search
      || href.origin !== here.origin)
    return false;
  const name = decodeURIComponent(href.hash.slice(1));
  (document.getElementById(name) ?? document.documentElement).scrollIntoView();
  return true;
}

function follow(asking: Asking, e: MouseEvent, address: string): void {
  const link = e.target instanceof Element
    ? e.target.closest('a[href], area[href]') : null;
  const href = link?.getAttribute('href') ?? '';
  if (e.defaultPrevented || e.button !== 0 || !link
      || /^\s*(?:javascript|data|blob):/i.test(href))
    return;
  e.preventDefault();
  const to = new URL(href, document.baseURI);
  if (!scroll(to, address))
    asking.go(to.href);
}

// --- forms ------------------------------------------------------------------

type Submitter = HTMLButtonElement | HTMLInputElement | null;

const own = (by: Submitter, form: Element, name: string) =>
  by?.getAttribute(`form${name}`) ?? form.getAttribute(name) ?? '';

async function content(data: FormData, coding: string): Promise<Call> {
  const fields = () => [...data].map(([k, v]): [string, string] =>
    [k, typeof v === 'string' ? v : v.name]);
  const body = coding === 'multipart/form-data' ? data
    : coding === 'text/plain'
      ? fields().map(([k, v]) => `${k}=${v}\r\n`).join('')
      : new URLSearchParams(fields());
  const made = new Response(body);
  return {
    method: 'POST', headers: [...made.headers],
    body: new Uint8Array(await made.arrayBuffer()),
  };
}

async function send(asking: Asking, form: HTMLFormElement, by: Submitter):
Promise<void> {
  const data = new FormData(form);
  if (by?.name)
    data.append(by.name, by.value);
  const to = new URL(own(by, form, 'action') || document.baseURI,
    document.baseURI);
  if (own(by, form, 'method').toLowerCase() === 'post')
    return asking.go(to.href, await content(data,
      own(by, form, 'enctype').toLowerCase()));
  to.search = new URLSearchParams([...data].map(([k, v]): [string, string] =>
    [k, typeof v === 'string' ? v : v.name])).toString();
  asking.go(to.href);
}

// Heard behind the page's own handlers.
export function listen(asking: Asking, address: string): void {
  addEventListener('click', (e) => follow(asking, e, address));
  addEventListener('submit', (e) => {
    if (e.defaultPrevented || !(e.target instanceof HTMLFormElement))
      return;
    e.preventDefault();
    void send(asking, e.target, e.submitter as Submitter);
  });
}
