// Runs on the audio thread: plays what the worker has decoded.
import { Jitter } from '../../protocol/sound';

interface Options {
  processorOptions: { channels: number };
}
declare const sampleRate: number;
declare function registerProcessor(name: string, of: unknown): void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

class Player extends AudioWorkletProcessor {
  private jitter: Jitter | undefined;

  constructor(options: Options) {
    super();
    this.jitter = new Jitter(sampleRate, options.processorOptions.channels);
    this.port.onmessage = ({ data }: MessageEvent<MessagePort>) => {
      data.onmessage = (m: MessageEvent<Float32Array[]>) =>
        this.jitter?.write(m.data);
    };
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const out = outputs[0];
    if (out)
      this.jitter?.read(out);
    return true;
  }
}
registerProcessor('player', Player);
