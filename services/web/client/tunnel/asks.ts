// What the frame of a service's page may ask of us. The page there is the
// service's: nothing that comes from it is believed, and nothing but its own
// service is within its reach.
import type { Header } from '../../protocol/http';
import { MAX_SENT } from '../../protocol/http';
import { pathOf } from '../../protocol/service';
import type { Visit } from './exchange';

const MAX_ADDRESS = 16_384;     // characters
const MAX_HEADERS = 100;
const MAX_TEXT = 8192;          // of a header's value
const TITLE = 200;

export type Ask =
  | { readonly ask: 'get'; readonly n: number; readonly visit: Visit }
  | { readonly ask: 'go'; readonly visit: Visit }
  | { readonly ask: 'outside'; readonly n: number | undefined;
    readonly address: string }
  | { readonly ask: 'stop'; readonly n: number }
  | { readonly ask: 'cookie'; readonly line: string }
  | { readonly ask: 'title'; readonly text: string };

type Loose = Readonly<Record<string, unknown>>;

const isText = (v: unknown, most: number): v is string =>
  typeof v === 'string' && v.length <= most;

const isNumber = (v: unknown): v is number =>
  Number.isSafeInteger(v) && (v as number) >= 0;

function headers(v: unknown): Header[] | undefined {
  if (!Array.isArray(v) || v.length > MAX_HEADERS)
    return undefined;
  const all: Header[] = [];
  for (const pair of v as unknown[]) {
    if (!Array.isArray(pair) || !isText(pair[0], 200)
        || !isText(pair[1], MAX_TEXT))
      return undefined;
    all.push([pair[0], pair[1]]);
  }
  return all;
}

function request(m: Loose, n: number | undefined, origin: string):
Ask | undefined {
  const given = headers(m['headers']);
  const body: unknown = m['body'];
  const { address, method } = m;
  if (!isText(address, MAX_ADDRESS) || !isText(method, 10) || !given
      || !(body === undefined || (body instanceof Uint8Array
        && body.length <= MAX_SENT)))
    return undefined;
  const path = pathOf(address, origin);
  if (path === undefined)
    return { ask: 'outside', n, address: address.slice(0, 500) };
  const visit: Visit = { method, path, headers: given, body };
  return n === undefined ? { ask: 'go', visit } : { ask: 'get', n, visit };
}

// MESSAGE of a frame of the service at ORIGIN; undefined if it is none.
export function readAsk(message: unknown, origin: string): Ask | undefined {
  if (typeof message !== 'object' || message === null)
    return undefined;
  const m = message as Loose;
  const { n, text } = m;
  switch (m['ask']) {
    case 'go': return request(m, undefined, origin);
    case 'get': return isNumber(n) ? request(m, n, origin) : undefined;
    case 'stop': return isNumber(n) ? { ask: 'stop', n } : undefined;
    case 'cookie':
      return isText(text, MAX_TEXT) ? { ask: 'cookie', line: text }
        : undefined;
    case 'title':
      return typeof text === 'string'
        ? { ask: 'title', text: text.slice(0, TITLE) } : undefined;
    default: return undefined;
  }
}
