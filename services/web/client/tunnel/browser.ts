// A little browser of one service: where it is, where it was, what it shows.
import { signal } from '@preact/signals';
import { headerOf } from '../../protocol/http';
import { originOf } from '../../protocol/service';
import type { Target } from '../../protocol/service';
import type { FromWorker } from '../messages';
import type { Remote } from '../remote';
import { readAsk } from './asks';
import type { Ask } from './asks';
import { failed, get } from './exchange';
import type { Exchange, Failed, Fetched, Visit } from './exchange';

const MAX_HISTORY = 100;
// Asks of one page that are not answered; more than a page's pictures, and a
// page that floods us gets nothing.
const MAX_ASKS = 256;

export type Shown =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'page'; readonly of: Fetched; readonly key: number }
  | { readonly kind: 'file'; readonly of: Fetched; readonly name: string }
  | { readonly kind: 'fault'; readonly why: Failed };

export const typeOf = (f: Fetched): string =>
  (headerOf(f.headers, 'content-type').split(';')[0] ?? '').trim()
    .toLowerCase();

const shows = (type: string) => type === '' || type.startsWith('text/')
  || ['application/xhtml+xml', 'application/json', 'application/xml']
    .includes(type);

// A name for a file of PATH that says nothing to a system but itself.
export function fileName(f: Fetched): string {
  const given = /filename="?([^";]+)"?/i
    .exec(headerOf(f.headers, 'content-disposition'))?.[1];
  const last = f.path.split('?')[0]?.split('/').pop();
  return (given || last || 'file').replace(/[^\p{L}\p{N}._ -]/gu, '_')
    .replace(/^[. ]+/, '_').slice(0, 120);
}

export class Browser {
  readonly shown = signal<Shown>({ kind: 'nothing' });
  readonly path = signal('/');
  readonly title = signal('');
  readonly busy = signal(false);
  readonly outside = signal('');        // where a link would have led
  readonly behind = signal(0);          // pages to go back to
  readonly origin: string;
  private history: string[] = [];
  private readonly asked = new Map<number, (e: Exchange) => void>();
  private going: number | undefined;
  private last = 0;
  private port: MessagePort | undefined;    // of the page that is shown
  private pageAsks = new Map<number, number>();   // its number → ours

  constructor(readonly target: Target, private readonly remote: Remote) {
    this.origin = originOf(target);
  }

  // What the worker answered.
  heard(m: FromWorker): void {
    if (m.say !== 'visited')
      return;
    const answer = this.asked.get(m.n);
    this.asked.delete(m.n);
    answer?.(m.exchange);
  }

  private ask(visit: Visit, answer: (e: Exchange) => void): number {
    const n = ++this.last;
    this.asked.set(n, answer);
    this.remote.tell({ do: 'visit', n, visit });
    return n;
  }

  private drop(n: number | undefined): void {
    if (n !== undefined && this.asked.delete(n))
      this.remote.tell({ do: 'visit-stop', n });
  }

  go(visit: Visit, keep = true): void {
    this.stop();
    this.outside.value = '';
    this.busy.value = true;
    this.going = this.ask(visit, (e) => {
      this.going = undefined;
      this.busy.value = false;
      this.arrived(visit, e, keep);
    });
  }

  // Nothing more is waited for; what is shown stays.
  stop(): void {
    this.drop(this.going);
    this.going = undefined;
    this.busy.value = false;
  }

  private arrived(visit: Visit, e: Exchange, keep: boolean): void {
    if (e.ok && (e.status === 204 || e.status === 205))
      return;
    const type = e.ok ? typeOf(e) : '';
    const attached = e.ok && /^\s*attachment/i
      .test(headerOf(e.headers, 'content-disposition'));
    if (e.ok && (attached || !shows(type))) {
      this.shown.value = { kind: 'file', of: e, name: fileName(e) };
      return;
    }
    const path = e.ok ? e.path : visit.path;
    if ((keep || this.history.length === 0)
        && this.history[this.history.length - 1] !== path)
      this.history = [...this.history, path].slice(-MAX_HISTORY);
    this.behind.value = this.history.length - 1;
    this.path.value = path;
    this.title.value = '';
    this.leavePage();
    this.shown.value = e.ok ? { kind: 'page', of: e, key: ++this.last }
      : { kind: 'fault', why: e };
  }

  reload(): void {
    this.go(get(this.path.value), false);
  }

  back(): void {
    const before = this.shown.value.kind === 'file' ? this.path.value
      : (this.history.pop(), this.history[this.history.length - 1]);
    this.behind.value = Math.max(0, this.history.length - 1);
    if (before !== undefined)
      this.go(get(before), false);
  }

  // --- the page that is shown -----------------------------------------------

  private leavePage(): void {
    this.port?.close();
    this.port = undefined;
    for (const n of this.pageAsks.values())
      this.drop(n);
    this.pageAsks.clear();
  }

  // A document of the frame is there and wants what it shall show.
  page(of: Fetched): MessagePort {
    this.leavePage();
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    port1.onmessage = ({ data }: MessageEvent<unknown>) => {
      const ask = this.port === port1 && readAsk(data, this.origin);
      if (ask)
        this.answer(ask, of);
    };
    return port2;
  }

  private answer(m: Ask, of: Fetched): void {
    switch (m.ask) {
      case 'go': this.go(m.visit); break;
      case 'get': this.fetch(m.n, m.visit); break;
      case 'outside':
        if (m.n === undefined)
          this.outside.value = m.address;
        else
          this.port?.postMessage({ n: m.n, exchange: failed('leads-out') });
        break;
      case 'stop':
        this.drop(this.pageAsks.get(m.n));
        this.pageAsks.delete(m.n);
        break;
      case 'cookie':
        this.remote.tell({ do: 'cookie',
          cookie: { line: m.line, path: of.path.split('?')[0] ?? '/' } });
        break;
      case 'title': this.title.value = m.text; break;
    }
  }

  private fetch(n: number, visit: Visit): void {
    if (this.pageAsks.size >= MAX_ASKS || this.pageAsks.has(n)) {
      this.port?.postMessage({ n, exchange: failed('busy') });
      return;
    }
    const { port } = this;
    this.pageAsks.set(n, this.ask(visit, (exchange) => {
      this.pageAsks.delete(n);
      port?.postMessage({ n, exchange },
        exchange.ok ? [exchange.body.buffer] : []);
    }));
  }

  close(): void {
    this.stop();
    this.leavePage();
  }
}
