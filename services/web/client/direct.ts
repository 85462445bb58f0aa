// The page's half of a direct connection: browsers have RTCPeerConnection on
// pages only. Everything else of it is the worker's, at the other end of PORT.
import type { Candidate } from '../protocol/direct';
import type { FromDirect, ToDirect } from './messages';

const LABEL = 'bootstrap';
const CHANNEL_HOLDS = 1 << 20;      // bytes; browsers fail at 16 MiB
const CLOSE_WITHIN = 1000;          // ms for what is still to leave

class Direct {
  private readonly channel: RTCDataChannel;
  private readonly waiting: ArrayBuffer[] = [];
  private taken = 0;
  private closing = false;

  constructor(private readonly port: MessagePort,
    private readonly connection: RTCPeerConnection) {
    this.channel = connection.createDataChannel(LABEL);
    this.channel.binaryType = 'arraybuffer';
    this.channel.bufferedAmountLowThreshold = CHANNEL_HOLDS / 2;
    this.channel.onopen = () => this.pump();
    this.channel.onbufferedamountlow = () => this.pump();
    this.channel.onclose = () => this.end();
    this.channel.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer)
        this.say({ say: 'part', data }, [data]);
    };
    connection.onicecandidate = ({ candidate }) => {
      if (candidate && candidate.candidate !== '')
        this.say({ say: 'candidate', text: JSON.stringify(candidate) });
    };
    connection.onconnectionstatechange = () => {
      if (connection.connectionState === 'failed')
        this.end();
    };
    port.onmessage = ({ data }: MessageEvent<ToDirect>) => this.hear(data);
  }

  async offer(): Promise<void> {
    const offer = await this.connection.createOffer();
    this.say({ say: 'offer', sdp: offer.sdp ?? '' });
    // With it candidates are gathered: the offer goes before them.
    await this.connection.setLocalDescription(offer);
  }

  private hear(m: ToDirect): void {
    switch (m.do) {
      case 'answer':
        this.connection.setRemoteDescription({ type: 'answer', sdp: m.sdp })
          .catch(() => this.end());
        break;
      case 'candidate': this.candidate(m.candidate); break;
      case 'send':
        this.waiting.push(m.data);
        this.pump();
        break;
      case 'close': this.close(); break;
    }
  }

  // One that the browser does not like is one fewer.
  private candidate(candidate: Candidate): void {
    this.connection.addIceCandidate(candidate).catch(() => undefined);
  }

  private pump(): void {
    while (this.channel.readyState === 'open'
        && this.channel.bufferedAmount < CHANNEL_HOLDS) {
      const data = this.waiting.shift();
      if (data === undefined)
        break;
      this.channel.send(data);
      this.taken += data.byteLength;
    }
    this.say({ say: 'taken', bytes: this.taken });
    if (this.closing && this.waiting.length === 0)
      this.channel.close();
  }

  // Gently: the word of leaving is still on its way.
  private close(): void {
    this.closing = true;
    if (this.channel.readyState !== 'open') {
      this.end();
      return;
    }
    this.pump();
    setTimeout(() => this.end(), CLOSE_WITHIN);
  }

  private end(): void {
    this.connection.close();
    this.say({ say: 'closed' });
    this.port.close();
  }

  private say(m: FromDirect, transfer: Transferable[] = []): void {
    this.port.postMessage(m, transfer);
  }
}

// Offers a direct connection to who holds the other end of PORT.
export async function direct(port: MessagePort,
  servers: readonly RTCIceServer[]): Promise<void> {
  const none: FromDirect = { say: 'none' };
  let connection: RTCPeerConnection | undefined;
  try {
    connection = new RTCPeerConnection({ iceServers: [...servers] });
    await new Direct(port, connection).offer();
  } catch {
    connection?.close();
    port.postMessage(none);     // not in this browser, or not with these
  }
}
