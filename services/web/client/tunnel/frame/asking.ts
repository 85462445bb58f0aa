// The only way out of the frame: asks to the page around it, which lets them
// reach the service alone.
import type { Answer } from '../frames';
import type { Exchange, Fetched } from '../exchange';

export interface Call {
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | undefined;
}

export const GET: Call = { method: 'GET', headers: [], body: undefined };

export class Asking {
  private last = 0;
  private readonly waiting = new Map<number, (e: Exchange) => void>();

  constructor(private readonly port: MessagePort) {
    port.onmessage = ({ data }: MessageEvent<Answer>) => {
      this.waiting.get(data.n)?.(data.exchange);
      this.waiting.delete(data.n);
    };
  }

  get(address: string, call: Call, signal?: AbortSignal | null):
  Promise<Fetched> {
    const n = ++this.last;
    return new Promise((done, fail) => {
      const stop = () => {
        this.waiting.delete(n);
        this.port.postMessage({ ask: 'stop', n });
        fail(new DOMException('aborted', 'AbortError'));
      };
      if (signal?.aborted)
        return stop();
      signal?.addEventListener('abort', stop);
      this.waiting.set(n, (e) => {
        signal?.removeEventListener('abort', stop);
        if (e.ok)
          done(e);
        else
          fail(new TypeError(`not fetched: ${e.fault}`));
      });
      this.port.postMessage({ ask: 'get', n, address, ...call });
    });
  }

  go(address: string, call: Call = GET): void {
    this.port.postMessage({ ask: 'go', address, ...call });
  }

  cookie(text: string): void {
    this.port.postMessage({ ask: 'cookie', text });
  }

  title(text: string): void {
    this.port.postMessage({ ask: 'title', text });
  }
}
