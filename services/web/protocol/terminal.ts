// Shells on the device, several over one connection, found again after it
// was lost.
import type { Outgoing, TerminalResponseMessage } from './message.js';
import { unzstd } from './zstd.js';

const MAX_OUTPUT = 4 << 20;     // bytes of one message, unpacked
const MAX_INPUT = 32 << 10;     // bytes of one message: pasted text is cut
const SIDE = 1000;              // rows or columns
const side = (n: number) => Math.max(1, Math.min(SIDE, Math.round(n)));

export type TerminalEvent =
  | { readonly event: 'opened'; readonly id: number; readonly replay: boolean;
    readonly others: readonly number[] }
  | { readonly event: 'failed'; readonly id: number; readonly text: string }
  | { readonly event: 'output'; readonly id: number;
    readonly data: Uint8Array }
  | { readonly event: 'closed'; readonly id: number;
    readonly exitCode: number };

export class Terminals {
  serviceId = '';

  open(terminalId: number, rows: number, cols: number): Outgoing {
    return {
      terminalAction: {
        open: { terminalId, rows: side(rows), cols: side(cols) },
      },
    };
  }

  resize(terminalId: number, rows: number, cols: number): Outgoing {
    return {
      terminalAction: {
        resize: { terminalId, rows: side(rows), cols: side(cols) },
      },
    };
  }

  input(terminalId: number, data: Uint8Array): Outgoing[] {
    const out: Outgoing[] = [];
    for (let at = 0; at < data.length; at += MAX_INPUT)
      out.push({
        terminalAction: {
          data: { terminalId, data: data.subarray(at, at + MAX_INPUT) },
        },
      });
    return out;
  }

  close(terminalId: number): Outgoing {
    return { terminalAction: { close: { terminalId } } };
  }

  received(r: TerminalResponseMessage): TerminalEvent | undefined {
    if (r.opened) {
      const id = r.opened.terminalId;
      if (!r.opened.success)
        return { event: 'failed', id, text: r.opened.message };
      this.serviceId = r.opened.serviceId.slice(0, 256);
      return {
        event: 'opened', id, replay: r.opened.replayTerminalOutput,
        others: r.opened.persistentSessions.filter((other) => other !== id),
      };
    }
    if (r.data)
      return this.output(r.data);
    if (r.closed)
      return {
        event: 'closed', id: r.closed.terminalId, exitCode: r.closed.exitCode,
      };
    return r.error && {
      event: 'failed', id: r.error.terminalId, text: r.error.message,
    };
  }

  private output(d: NonNullable<TerminalResponseMessage['data']>):
  TerminalEvent | undefined {
    try {
      const data = d.compressed ? unzstd(d.data, MAX_OUTPUT) : d.data;
      return { event: 'output', id: d.terminalId, data };
    } catch {
      return undefined;
    }
  }
}
