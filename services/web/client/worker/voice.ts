// Our half of a voice call: what the microphone gives, as Opus packets.
import { Call, PACKET_US, VOICE } from '../../protocol/call';
import type { CallStep } from '../../protocol/call';
import type { PeerMessage } from '../../protocol/message';
import type { FromWorker } from '../messages';
import type { Link } from './link';

const BITRATE = 32_000;
const WAITING = 25;             // packets in the encoder: a quarter second
const BUFFERED = 64 << 10;      // bytes in the socket; speech is not late

const settings = (sampleRate: number) => ({
  codec: 'opus', sampleRate, numberOfChannels: VOICE.channels,
  bitrate: BITRATE, opus: { frameDuration: PACKET_US },
});

export class Voice {
  private readonly call = new Call();
  private encoder: AudioEncoder | undefined;
  private port: MessagePort | undefined;
  private frames = 0;

  constructor(private readonly link: Link,
    private readonly say: (m: FromWorker) => void) {}

  // The page is told what has become of it, even if that is nothing.
  step(what: 'start' | 'accept' | 'decline' | 'end'): void {
    if (what === 'start' && !this.link.alive) {
      this.tell(undefined);     // nobody would hear it ring
      return;
    }
    const now = Date.now();
    this.apply(what === 'start' ? this.call.start(now)
      : what === 'end' ? this.call.end(now)
        : this.call.answer(what === 'accept', now));
  }

  message(m: PeerMessage): void {
    this.apply(this.call.message(m, Date.now()));
  }

  lost(): void {
    if (this.call.state === 'none')
      return;
    this.call.lost();
    this.tell('ended');
  }

  private apply({ send, news }: CallStep): void {
    this.link.post(...send);
    this.tell(news);
  }

  private tell(news: Extract<FromWorker, { say: 'call' }>['news']): void {
    if (this.call.state !== 'on')
      this.silence();
    this.say({ say: 'call', state: this.call.state, news });
  }

  async microphone(port: MessagePort, sampleRate: number): Promise<void> {
    this.silence();
    this.port = port;
    const config = settings(sampleRate);
    const able = typeof AudioEncoder !== 'undefined'
      && (await AudioEncoder.isConfigSupported(config)).supported === true;
    if (this.port !== port)
      return;
    if (!able) {
      this.link.post(...this.call.end(Date.now()).send);
      this.tell('no-encoder');
      return;
    }
    const encoder = new AudioEncoder({
      output: (chunk) => this.packet(chunk),
      error: () => { this.step('end'); },
    });
    encoder.configure(config);
    this.encoder = encoder;
    this.frames = 0;
    port.onmessage = ({ data }: MessageEvent<Float32Array<ArrayBuffer>>) =>
      this.samples(data, sampleRate);
  }

  private samples(data: Float32Array<ArrayBuffer>, sampleRate: number): void {
    const timestamp = Math.round(this.frames / sampleRate * 1e6);
    this.frames += data.length;
    if (this.call.state !== 'on' || this.encoder?.state !== 'configured'
        || this.encoder.encodeQueueSize > WAITING)
      return;
    const audio = new AudioData({
      format: 'f32-planar', sampleRate, numberOfFrames: data.length,
      numberOfChannels: VOICE.channels, timestamp, data,
    });
    this.encoder.encode(audio);
    audio.close();
  }

  private packet(chunk: EncodedAudioChunk): void {
    if (this.call.state !== 'on' || this.link.buffered > BUFFERED)
      return;
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    this.link.post({ audioFrame: { data } });
  }

  private silence(): void {
    this.port?.close();
    this.port = undefined;
    if (this.encoder && this.encoder.state !== 'closed')
      this.encoder.close();
    this.encoder = undefined;
  }
}
