// The two ways to a device, as whole records in order: a socket of the relay,
// and a data channel that the page holds for us.
import { ChannelError, Joiner, split } from '../../protocol/direct';
import type { Candidate } from '../../protocol/direct';
import type { FromDirect, ToDirect } from '../messages';

export const MAX_RECORD = 64 << 20;   // bytes; a relay passes no larger one
const OFFER_WITHIN = 5000;            // ms; then it goes without

export interface Heard {
  record(bytes: Uint8Array): void;
  closed(): void;                     // not after close()
}

export interface Way {
  readonly buffered: number;          // bytes that have not left yet
  send(record: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

export class RelayWay implements Way {
  private readonly socket: WebSocket;

  constructor(url: string, heard: Heard & { opened(): void }) {
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => heard.opened();
    socket.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer && data.byteLength <= MAX_RECORD)
        heard.record(new Uint8Array(data));
    };
    socket.onclose = () => heard.closed();
    this.socket = socket;
  }

  get buffered(): number {
    return this.socket.bufferedAmount;
  }

  send(record: Uint8Array<ArrayBuffer>): void {
    if (this.socket.readyState === WebSocket.OPEN)
      this.socket.send(record);
  }

  close(): void {
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
  }
}

export class DirectWay implements Way {
  // The SDP to offer; undefined: this browser has no direct connections.
  readonly offer: Promise<string | undefined>;
  private offered: (sdp: string | undefined) => void = () => undefined;
  private readonly joiner = new Joiner(MAX_RECORD);
  private posted = 0;                 // bytes, to the page
  private taken = 0;                  // … and from it to the channel

  constructor(private readonly port: MessagePort, private readonly heard:
  Heard & { candidate(text: string): void }) {
    this.offer = new Promise((done) => {
      this.offered = done;
      setTimeout(() => done(undefined), OFFER_WITHIN);
    });
    port.onmessage = ({ data }: MessageEvent<FromDirect>) => this.hear(data);
  }

  private hear(m: FromDirect): void {
    switch (m.say) {
      case 'offer': this.offered(m.sdp); break;
      case 'none': this.offered(undefined); break;
      case 'candidate': this.heard.candidate(m.text); break;
      case 'taken': this.taken = m.bytes; break;
      case 'part': this.part(new Uint8Array(m.data)); break;
      case 'closed': this.gone(); break;
    }
  }

  private part(message: Uint8Array): void {
    let record;
    try {
      record = this.joiner.add(message);
    } catch (e) {
      if (!(e instanceof ChannelError))
        throw e;
      this.gone();
      return;
    }
    if (record)
      this.heard.record(record);
  }

  private gone(): void {
    this.close();
    this.heard.closed();
  }

  private tell(m: ToDirect, transfer: Transferable[] = []): void {
    this.port.postMessage(m, transfer);
  }

  answer(sdp: string): void {
    this.tell({ do: 'answer', sdp });
  }

  candidate(candidate: Candidate): void {
    this.tell({ do: 'candidate', candidate });
  }

  get buffered(): number {
    return this.posted - this.taken;
  }

  send(record: Uint8Array<ArrayBuffer>): void {
    for (const { buffer } of split(record)) {
      this.posted += buffer.byteLength;
      this.tell({ do: 'send', data: buffer }, [buffer]);
    }
  }

  close(): void {
    this.port.onmessage = null;
    this.offered(undefined);
    this.tell({ do: 'close' });
  }
}
