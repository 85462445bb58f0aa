// The page's end of the sound: an audio thread that plays what the worker
// sends it. Browsers let it begin in a click only.
export class Audio {
  private context: AudioContext | undefined;

  async open(sampleRate: number, channels: number):
  Promise<MessagePort | undefined> {
    this.close();
    try {
      const context = new AudioContext({ sampleRate });
      this.context = context;
      await context.audioWorklet.addModule(new URL(
        document.documentElement.dataset['player'] ?? '', document.baseURI));
      const node = new AudioWorkletNode(context, 'player', {
        numberOfInputs: 0, outputChannelCount: [channels],
        processorOptions: { channels },
      });
      node.connect(context.destination);
      const { port1, port2 } = new MessageChannel();
      node.port.postMessage(port1, [port1]);
      return port2;
    } catch {
      return undefined;
    }
  }

  async resume(): Promise<void> {
    await this.context?.resume().catch(() => undefined);
  }

  close(): void {
    void this.context?.close().catch(() => undefined);
    this.context = undefined;
  }
}
