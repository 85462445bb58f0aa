// Streams of bytes between us and one service behind the device, several over
// one session. Each direction of each has a window: what the other side may
// have under way before it hears that it was read.
import type { Outgoing, PortForwardMessage } from './message.js';

const INITIAL = 64 << 10;       // window before it is opened, of the protocol
const FRAME = 64 << 10;         // most bytes of one message
const LEAST = 64;               // what a message costs at least
export const WINDOW = 256 << 10;  // what we let the device have under way
const REFILL = WINDOW / 2;      // it hears of so much at once
const MAX_CREDIT = 256 << 10;   // under way from us, whatever it offers
const TEXT = 500;               // characters of a refusal that are kept

const cost = (bytes: number) => Math.max(bytes, LEAST);

export type ChannelEvent =
  | { readonly event: 'failed'; readonly id: number; readonly text: string }
  | { readonly event: 'data'; readonly id: number; readonly data: Uint8Array }
  | { readonly event: 'closed'; readonly id: number };

export interface Step {
  readonly send: readonly Outgoing[];
  readonly event?: ChannelEvent;
}

interface Channel {
  credit: number;               // bytes that we may send
  waiting: Uint8Array[];        // for credit
  room: number;                 // bytes that the device may send
  read: number;                 // … and has not heard of
  opened: boolean;
}

type Frame = NonNullable<Outgoing['portForwardChannel']>;
const message = (portForwardChannel: Frame): Outgoing =>
  ({ portForwardChannel });

export class Channels {
  private readonly open = new Map<number, Channel>();
  private last = 0;

  constructor(private readonly host: string, private readonly port: number) {}

  get size(): number {
    return this.open.size;
  }

  // A new one that begins with DATA.
  begin(data: Uint8Array): { id: number; send: Outgoing[] } {
    const id = ++this.last;
    this.open.set(id, {
      credit: INITIAL, waiting: [data], room: WINDOW, read: 0, opened: false,
    });
    const { host, port } = this;
    return {
      id, send: [
        message({ open: { channelId: id, host, port, credit: WINDOW } }),
        ...this.flush(id),
      ],
    };
  }

  close(id: number): Outgoing[] {
    return this.open.delete(id) ? [message({ close: { channelId: id } })] : [];
  }

  private flush(id: number): Outgoing[] {
    const c = this.open.get(id);
    const out: Outgoing[] = [];
    while (c?.waiting[0] && c.credit >= LEAST) {
      const data = c.waiting[0].subarray(0, Math.min(FRAME, c.credit));
      const rest = c.waiting[0].subarray(data.length);
      c.credit -= cost(data.length);
      if (rest.length > 0)
        c.waiting[0] = rest;
      else
        c.waiting.shift();
      out.push(message({ data: { channelId: id, data } }));
    }
    return out;
  }

  // What belongs to no channel of ours is of one that we have closed.
  received(m: PortForwardMessage): Step {
    const id = (m.opened ?? m.data ?? m.close ?? m.windowUpdate)?.channelId;
    const c = id === undefined ? undefined : this.open.get(id);
    if (id === undefined || !c)
      return { send: [] };
    if (m.opened)
      return this.answered(id, c, m.opened);
    if (m.data)
      return this.data(id, c, m.data.data);
    if (m.windowUpdate) {
      c.credit = Math.min(MAX_CREDIT, c.credit + m.windowUpdate.add);
      return { send: this.flush(id) };
    }
    this.open.delete(id);
    return { send: [], event: { event: 'closed', id } };
  }

  private answered(id: number, c: Channel,
    opened: NonNullable<PortForwardMessage['opened']>): Step {
    if (c.opened)
      return { send: [] };
    if (!opened.success) {
      this.open.delete(id);
      const text = opened.message.slice(0, TEXT);
      return { send: [], event: { event: 'failed', id, text } };
    }
    c.opened = true;
    const more = Math.max(opened.credit, INITIAL) - INITIAL;
    c.credit = Math.min(MAX_CREDIT, c.credit + more);
    return { send: this.flush(id) };
  }

  // Whoever holds what came has a bound of its own: it counts as read.
  private data(id: number, c: Channel, data: Uint8Array): Step {
    c.room -= cost(data.length);
    if (c.room < 0)
      return { send: this.close(id), event: { event: 'closed', id } };
    c.read += cost(data.length);
    const event: ChannelEvent = { event: 'data', id, data };
    if (c.read < REFILL)
      return { send: [], event };
    const add = c.read;
    c.room += add;
    c.read = 0;
    return { send: [message({ windowUpdate: { channelId: id, add } })], event };
  }
}
