// The exchanges of a page with a service behind the device: each has a
// channel of its own, a few at a time.
import { Channels } from '../../protocol/channels';
import type { ChannelEvent } from '../../protocol/channels';
import { Jar } from '../../protocol/cookies';
import { encodeRequest, headerOf, HttpError, MAX_BODY, Reader }
  from '../../protocol/http';
import type { Header, Request, Response } from '../../protocol/http';
import type { PeerMessage } from '../../protocol/message';
import { originOf, redirect } from '../../protocol/service';
import type { Target } from '../../protocol/service';
import type { FromWorker, ToWorker } from '../messages';
import { failed } from '../tunnel/exchange';
import type { Exchange } from '../tunnel/exchange';
import type { Link } from './link';

const AT_ONCE = 6;              // as browsers
const WAITING = 256;            // more than a page's pictures
const SILENCE = 30_000;         // ms without a byte of the service

interface Visiting {
  readonly n: number;
  request: Request;
  hops: number;
  reader: Reader;
  timer: ReturnType<typeof setTimeout> | undefined;
}

const path = (r: Request) => r.path.split('?')[0] ?? '/';

// BODY without its coding, as long as it has a bound.
async function plain(r: Response): Promise<Uint8Array<ArrayBuffer>> {
  const coding = headerOf(r.headers, 'content-encoding').toLowerCase();
  const body = new Blob([r.body as Uint8Array<ArrayBuffer>]);
  if (coding === '' || coding === 'identity' || r.body.length === 0)
    return new Uint8Array(await body.arrayBuffer());
  if (coding !== 'gzip' && coding !== 'x-gzip' && coding !== 'deflate')
    throw new HttpError('coding', coding.slice(0, 50));
  const stream = body.stream().pipeThrough(
    new DecompressionStream(coding === 'deflate' ? 'deflate' : 'gzip'));
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new HttpError('malformed');
    });
    if (done)
      return new Uint8Array(await new Blob(parts).arrayBuffer());
    size += value.length;
    if (size > MAX_BODY) {
      void reader.cancel().catch(() => undefined);
      throw new HttpError('too-large');
    }
    parts.push(value);
  }
}

export class Tunnel {
  private readonly origin: string;
  private channels: Channels;
  private readonly jar = new Jar();
  private waiting: Visiting[] = [];
  private readonly running = new Map<number, Visiting>();   // by channel

  constructor(private readonly target: Target,
    private readonly theLink: () => Link | undefined,
    private readonly say: (m: FromWorker, transfer?: Transferable[]) => void) {
    this.origin = originOf(target);
    this.channels = new Channels(target.host, target.port);
  }

  command(m: ToWorker): void {
    switch (m.do) {
      case 'visit': this.visit(m.n, m.visit); break;
      case 'visit-stop': this.stop(m.n); break;
      case 'cookie':
        this.jar.set(m.cookie.line, m.cookie.path, Date.now(), true);
        break;
      default: break;
    }
  }

  private visit(n: number, request: Request): void {
    if (!this.theLink()?.alive)
      return this.tell(n, failed('lost'));
    if (this.waiting.length >= WAITING)
      return this.tell(n, failed('busy'));
    this.waiting.push({
      n, request, hops: 0, reader: new Reader(request.method),
      timer: undefined,
    });
    this.next();
  }

  private next(): void {
    while (this.running.size < AT_ONCE) {
      const v = this.waiting.shift();
      if (!v)
        return;
      this.begin(v);
    }
  }

  private begin(v: Visiting): void {
    try {
      const cookie = this.jar.get(path(v.request), Date.now());
      const { id, send } = this.channels.begin(encodeRequest(
        this.origin.slice('http://'.length), v.request, cookie));
      this.running.set(id, v);
      this.wait(id, v);
      this.theLink()?.post(...send);
    } catch (e) {
      this.tell(v.n, this.faultOf(e));
    }
  }

  private wait(id: number, v: Visiting): void {
    clearTimeout(v.timer);
    v.timer = setTimeout(() => this.end(id, failed('silent')), SILENCE);
  }

  message(m: PeerMessage): void {
    if (!m.portForwardChannel)
      return;
    const { send, event } = this.channels.received(m.portForwardChannel);
    this.theLink()?.post(...send);
    const v = event && this.running.get(event.id);
    if (v)
      this.heard(event, v);
  }

  private heard(e: ChannelEvent, v: Visiting): void {
    if (e.event === 'failed')
      return this.end(e.id, failed('unreachable', e.text));
    this.wait(e.id, v);
    try {
      const whole = e.event === 'data' ? v.reader.push(e.data)
        : v.reader.end();
      if (whole)
        this.whole(e.id, v, whole);
    } catch (error) {
      this.end(e.id, this.faultOf(error));
    }
  }

  private whole(id: number, v: Visiting, r: Response): void {
    const now = Date.now();
    for (const [name, value] of r.headers)
      if (name === 'set-cookie')
        this.jar.set(value, path(v.request), now);
    const next = redirect(this.origin, v.request, r, v.hops);
    this.forget(id, v);
    if (next) {
      this.waiting.unshift({
        ...v, request: next, hops: v.hops + 1, reader: new Reader(next.method),
      });
      return this.next();
    }
    void plain(r).then((body): Exchange => ({
      ok: true, path: v.request.path, status: r.status, reason: r.reason,
      headers: r.headers.filter(([name]: Header) => name !== 'set-cookie'),
      body, cookie: this.jar.get(path(v.request), now, true),
    }), (e) => this.faultOf(e)).then((exchange) => this.tell(v.n, exchange));
    this.next();
  }

  private faultOf(e: unknown): Exchange {
    if (e instanceof HttpError)
      return failed(e.fault, e.detail);
    throw e;
  }

  private forget(id: number, v: Visiting): void {
    clearTimeout(v.timer);
    this.running.delete(id);
    this.theLink()?.post(...this.channels.close(id));
  }

  private end(id: number, why: Exchange): void {
    const v = this.running.get(id);
    if (!v)
      return;
    this.forget(id, v);
    this.tell(v.n, why);
    this.next();
  }

  private stop(n: number): void {
    this.waiting = this.waiting.filter((v) => v.n !== n);
    for (const [id, v] of this.running)
      if (v.n === n)
        this.forget(id, v);
    this.next();
  }

  private tell(n: number, exchange: Exchange): void {
    this.say({ say: 'visited', n, exchange },
      exchange.ok ? [exchange.body.buffer] : []);
  }

  // The session: what was under way will not be answered.
  lost(): void {
    const all = [...this.running.values(), ...this.waiting];
    this.running.clear();
    this.waiting = [];
    this.channels = new Channels(this.target.host, this.target.port);
    for (const v of all) {
      clearTimeout(v.timer);
      this.tell(v.n, failed('lost'));
    }
  }
}
