// fetch and XMLHttpRequest of the service's page, by asks.
import type { Fetched } from '../exchange';
import type { Asking } from './asking';

const EMPTY = [204, 205, 304];  // statuses without a body

function response(f: Fetched, address: string): Response {
  const made = new Response(EMPTY.includes(f.status) ? null : f.body, {
    status: f.status, statusText: f.reason.replace(/[^\u0020-\u007e]/g, ''),
    headers: f.headers.map(([a, b]): [string, string] => [a, b]),
  });
  Object.defineProperty(made, 'url', { value: new URL(address).origin + f.path });
  return made;
}

export function fetching(asking: Asking): typeof fetch {
  return async (input, init) => {
    const given = input instanceof Request ? input.url : String(input);
    const address = new URL(given, document.baseURI).href;
    // The browser's own reading of what was given, but for its address.
    const r = new Request('data:,', input instanceof Request
      ? { method: input.method, headers: input.headers, signal: input.signal,
        ...(input.body && { body: await input.clone().arrayBuffer() }), ...init }
      : init);
    const body = r.method === 'GET' || r.method === 'HEAD' ? undefined
      : new Uint8Array(await r.arrayBuffer());
    return response(await asking.get(address, {
      method: r.method, headers: [...r.headers], body,
    }, init?.signal), address);
  };
}

// Enough of XMLHttpRequest for what pages do with it; it never blocks.
export function requesting(ask: typeof fetch): typeof XMLHttpRequest {
  class Asked extends EventTarget {
    static readonly UNSENT = 0;
    static readonly OPENED = 1;
    static readonly HEADERS_RECEIVED = 2;
    static readonly LOADING = 3;
    static readonly DONE = 4;
    readonly UNSENT = 0;
    readonly OPENED = 1;
    readonly HEADERS_RECEIVED = 2;
    readonly LOADING = 3;
    readonly DONE = 4;
    readonly upload = new EventTarget();
    readyState = 0;
    status = 0;
    statusText = '';
    response: unknown = '';
    responseText = '';
    responseXML: Document | null = null;
    responseURL = '';
    responseType = '';
    timeout = 0;
    withCredentials = false;
    [handler: `on${string}`]: unknown;
    private method = 'GET';
    private address = '';
    private sent = new Headers();
    private got = new Headers();
    private stop = new AbortController();

    open(method: string, address: string): void {
      this.method = method.toUpperCase();
      this.address = address;
      this.sent = new Headers();
      this.stop = new AbortController();
      this.to(1);
    }

    setRequestHeader(name: string, value: string): void {
      this.sent.append(name, value);
    }

    overrideMimeType(): void { /* texts are decoded as UTF-8 */ }

    getResponseHeader(name: string): string | null {
      return this.got.get(name);
    }

    getAllResponseHeaders(): string {
      return [...this.got].map(([k, v]) => `${k}: ${v}\r\n`).join('');
    }

    abort(): void {
      this.stop.abort();
    }

    send(body?: BodyInit | null): void {
      const plain = this.method === 'GET' || this.method === 'HEAD';
      const timer = this.timeout > 0
        ? setTimeout(() => this.stop.abort('timeout'), this.timeout) : undefined;
      ask(this.address, {
        method: this.method, headers: this.sent, signal: this.stop.signal,
        ...(!plain && body != null && { body }),
      }).then((r) => this.read(r)).then(() => this.tell('load'), () => {
        this.to(4);
        this.tell(!this.stop.signal.aborted ? 'error'
          : this.stop.signal.reason === 'timeout' ? 'timeout' : 'abort');
      }).finally(() => {
        clearTimeout(timer);
        this.tell('loadend');
      });
    }

    private async read(r: Response): Promise<void> {
      this.status = r.status;
      this.statusText = r.statusText;
      this.responseURL = r.url;
      this.got = r.headers;
      this.to(2);
      const bytes = await r.arrayBuffer();
      const type = r.headers.get('content-type') ?? '';
      const text = new TextDecoder().decode(bytes);
      if (this.responseType === '' || this.responseType === 'text')
        this.responseText = text;
      if (this.responseType === 'document' || /\bxml\b/.test(type))
        this.responseXML = new DOMParser().parseFromString(text,
          /\bxml\b/.test(type) ? 'text/xml' : 'text/html');
      this.response = this.responseType === 'arraybuffer' ? bytes
        : this.responseType === 'blob' ? new Blob([bytes], { type })
          : this.responseType === 'json' ? parsed(text)
            : this.responseType === 'document' ? this.responseXML : text;
      this.to(4);
    }

    private to(state: number): void {
      this.readyState = state;
      this.tell('readystatechange');
    }

    private tell(name: string): void {
      const event = new ProgressEvent(name);
      const handler = this[`on${name}`];
      if (typeof handler === 'function')
        this.addEventListener(name, handler as EventListener, { once: true });
      this.dispatchEvent(event);
    }
  }
  return Asked as unknown as typeof XMLHttpRequest;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
