// What we tell the frame of a service's page; what it may ask: asks.ts.
import type { Exchange } from './exchange';

// The document to show, with a port for its asks.
export interface Show {
  readonly address: string;
  readonly type: string;          // Content-Type, with its charset
  readonly body: Uint8Array<ArrayBuffer>;
  readonly cookie: string;
}

export interface Answer { readonly n: number; readonly exchange: Exchange }

export const READY = 'tunnel-ready';
