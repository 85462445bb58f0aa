// The device's sound, from packets to samples for the player in the page.
import { isPacket, soundFormat } from '../../protocol/sound';
import type { SoundFormat } from '../../protocol/sound';

type Decode = (packet: Uint8Array) => void;

export class Sound {
  muted = true;
  private port: MessagePort | undefined;
  private format: SoundFormat | undefined;
  private decode: Decode | undefined;
  private close: () => void = () => undefined;
  private clock = 0;

  constructor(private readonly announce: (f: SoundFormat) => void) {}

  player(port: MessagePort): void {
    this.port = port;
  }

  async configure(f: SoundFormat): Promise<void> {
    const format = soundFormat(f);
    this.close();
    this.decode = undefined;
    this.format = format;
    if (!format)
      return;
    this.announce(format);
    const decode = await this.browser(format) ?? await this.fallback(format);
    if (this.format === format)
      this.decode = decode;
  }

  packet(data: Uint8Array): void {
    if (!this.muted && this.port && isPacket(data))
      this.decode?.(data);
  }

  private play(planes: Float32Array[]): void {
    this.port?.postMessage(planes, planes.map((p) => p.buffer));
  }

  private async browser(f: SoundFormat): Promise<Decode | undefined> {
    const config = {
      codec: 'opus', sampleRate: f.sampleRate, numberOfChannels: f.channels,
    };
    if (typeof AudioDecoder === 'undefined'
        || !(await AudioDecoder.isConfigSupported(config)).supported)
      return undefined;
    const decoder = new AudioDecoder({
      output: (data) => this.output(data), error: () => undefined,
    });
    decoder.configure(config);
    this.close = () => {
      if (decoder.state !== 'closed')
        decoder.close();
    };
    return (data) => {
      this.clock += 10_000;
      if (decoder.state === 'configured')
        decoder.decode(new EncodedAudioChunk({
          type: 'key', timestamp: this.clock, data,
        }));
    };
  }

  private output(data: AudioData): void {
    const planes = Array.from({ length: data.numberOfChannels },
      (_, planeIndex) => {
        const plane = new Float32Array(data.numberOfFrames);
        data.copyTo(plane, { planeIndex, format: 'f32-planar' });
        return plane;
      });
    data.close();
    this.play(planes);
  }

  // Where the browser has no decoder of its own, loaded on demand.
  private async fallback(f: SoundFormat): Promise<Decode> {
    const { OpusDecoder } = await import('opus-decoder');
    const decoder = new OpusDecoder({
      sampleRate: f.sampleRate as 48000, channels: f.channels,
    });
    await decoder.ready;
    this.close = () => decoder.free();
    return (data) => {
      const { channelData } = decoder.decodeFrame(data);
      this.play(channelData.map((plane) => plane.slice()));
    };
  }
}
