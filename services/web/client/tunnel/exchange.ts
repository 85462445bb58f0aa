// What page and worker say to each other about a service behind the device.
import type { Header, HttpFault, Request } from '../../protocol/http';

export type Visit = Request;

export interface Fetched {
  readonly ok: true;
  readonly path: string;          // behind redirects
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly Header[];
  readonly body: Uint8Array<ArrayBuffer>;
  readonly cookie: string;        // what a page there may read of them
}

export interface Failed {
  readonly ok: false;
  readonly fault: HttpFault;
  readonly detail: string;
}

export type Exchange = Fetched | Failed;

export interface Cookie { readonly line: string; readonly path: string }

export const failed = (fault: HttpFault, detail = ''): Failed =>
  ({ ok: false, fault, detail });

export const get = (path: string): Visit => ({
  method: 'GET', path, body: undefined,
  headers: [['Accept', 'text/html,application/xhtml+xml,*/*;q=0.8'],
    ['Accept-Language', navigator.language]],
});
