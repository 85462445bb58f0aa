// The microphone, from the browser's question to samples for the worker.
import { VOICE } from '../../protocol/call';

export type Refusal = 'denied' | 'none' | 'busy' | 'unsupported';

const REFUSALS: Readonly<Record<string, Refusal>> = {
  NotAllowedError: 'denied', SecurityError: 'denied', NotFoundError: 'none',
  OverconstrainedError: 'none',
};

export class Microphone {
  private started = false;

  private constructor(private readonly stream: MediaStream,
    private readonly context: AudioContext) {}

  // Call it in a click. Says why not, where it is not to be had.
  static async open(): Promise<Microphone | Refusal> {
    // Not everywhere, whatever the types say.
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    if (!devices || typeof AudioEncoder === 'undefined')
      return 'unsupported';
    let stream;
    try {
      stream = await devices.getUserMedia({
        audio: { echoCancellation: true, noiseSuppression: true },
      });
      return new Microphone(stream, await Microphone.listen(stream));
    } catch (e) {
      stream?.getTracks().forEach((track) => track.stop());
      return e instanceof DOMException ? REFUSALS[e.name] ?? 'busy' : 'busy';
    }
  }

  private static async listen(stream: MediaStream): Promise<AudioContext> {
    const context = Microphone.context(stream);
    try {
      await context.audioWorklet.addModule(new URL(
        document.documentElement.dataset['player'] ?? '', document.baseURI));
      return context;
    } catch (e) {
      void context.close();
      throw e;
    }
  }

  // Some browsers take a microphone at its own rate only.
  private static context(stream: MediaStream): AudioContext {
    const context = new AudioContext({ sampleRate: VOICE.sampleRate });
    try {
      context.createMediaStreamSource(stream).disconnect();
      return context;
    } catch {
      void context.close();
      return new AudioContext();
    }
  }

  get sampleRate(): number {
    return this.context.sampleRate;
  }

  // Samples come out of the port from now on; there is one only.
  async start(): Promise<MessagePort | undefined> {
    if (this.started)
      return undefined;
    this.started = true;
    const source = this.context.createMediaStreamSource(this.stream);
    const node = new AudioWorkletNode(this.context, 'microphone', {
      channelCount: VOICE.channels, channelCountMode: 'explicit',
    });
    // Nothing is heard of it, but what leads nowhere may not run.
    source.connect(node).connect(this.context.destination);
    const { port1, port2 } = new MessageChannel();
    node.port.postMessage(port1, [port1]);
    await this.context.resume();
    return port2;
  }

  set muted(muted: boolean) {
    for (const track of this.stream.getAudioTracks())
      track.enabled = !muted;
  }

  close(): void {
    this.stream.getTracks().forEach((track) => track.stop());
    void this.context.close().catch(() => undefined);
  }
}
