// The service that a tunnel leads to: its address, and where its answers and
// links may lead.
import { HttpError } from './http.js';
import type { Header, Request, Response } from './http.js';
import { headerOf } from './http.js';

export interface Target { readonly host: string; readonly port: number }

export type TargetFault = 'host' | 'port' | 'https';

const MAX_REDIRECTS = 10;
const NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9_.])?$/;
const IPV6 = /^[0-9A-Fa-f:.]{2,45}$/;

// What a person typed as host and port.
export function readTarget(host: string, port: string): Target | TargetFault {
  const name = host.trim().replace(/^http:\/\//i, '').replace(/\/$/, '')
    .replace(/^\[(.*)\]$/, '$1');
  if (/^https:/i.test(name))
    return 'https';
  if (!NAME.test(name) && !(name.includes(':') && IPV6.test(name)))
    return 'host';
  const n = /^\d{1,5}$/.test(port.trim()) ? Number(port) : 0;
  if (n < 1 || n > 65535)
    return 'port';
  return { host: name, port: n };
}

export const originOf = ({ host, port }: Target): string =>
  `http://${host.includes(':') ? `[${host}]` : host}`
    + (port === 80 ? '' : `:${port}`);

// PATH and query of ADDRESS below BASE, or undefined if that is not of the
// service.
export function pathOf(address: string, base: string): string | undefined {
  try {
    const url = new URL(address, base);
    return url.protocol === 'http:' && url.origin === new URL(base).origin
      ? url.pathname + url.search : undefined;
  } catch {
    return undefined;
  }
}

const DROPPED = ['content-type', 'content-encoding', 'content-language'];

// The request that R asks for instead of ASKED, the HOPS-th in a row; or
// undefined if R is the answer.
export function redirect(origin: string, asked: Request, r: Response,
  hops: number): Request | undefined {
  const to = headerOf(r.headers, 'location');
  if (![301, 302, 303, 307, 308].includes(r.status) || to === '')
    return undefined;
  if (hops >= MAX_REDIRECTS)
    throw new HttpError('redirects');
  const path = pathOf(to, origin + asked.path);
  if (path === undefined)
    throw new HttpError('leads-out', to.slice(0, 500));
  if (r.status === 307 || r.status === 308 || asked.method === 'HEAD')
    return { ...asked, path };
  const headers: readonly Header[] = asked.headers
    .filter(([name]) => !DROPPED.includes(name.toLowerCase()));
  return { method: 'GET', path, headers, body: undefined };
}
