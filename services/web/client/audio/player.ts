// Runs on the audio thread: plays what the worker has decoded, and gives it
// what the microphone hears.
import { PACKET_US } from '../../protocol/call';
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

// A packet's worth of samples at a time.
class Microphone extends AudioWorkletProcessor {
  private to: MessagePort | undefined;
  private part = new Float32Array(Math.round(sampleRate * PACKET_US / 1e6));
  private filled = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<MessagePort>) => {
      this.to = data;
    };
  }

  process(inputs: Float32Array[][]): boolean {
    for (const sample of inputs[0]?.[0] ?? []) {
      this.part[this.filled++] = sample;
      if (this.filled === this.part.length)
        this.flush();
    }
    return true;
  }

  private flush(): void {
    this.to?.postMessage(this.part, [this.part.buffer]);
    this.part = new Float32Array(Math.round(sampleRate * PACKET_US / 1e6));
    this.filled = 0;
  }
}
registerProcessor('microphone', Microphone);
