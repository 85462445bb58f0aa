// Records the shown picture into a WebM file of this computer. The device is
// told, and shows it to whoever is there.
import type { Remote } from './remote';
import { save } from './save';

const TYPE = 'video/webm';
const EVERY_MS = 1000;

export class Recorder {
  running = true;
  private readonly recorder: MediaRecorder;
  private readonly parts: Blob[] = [];

  static readonly possible = typeof MediaRecorder !== 'undefined'
    && MediaRecorder.isTypeSupported(TYPE);

  constructor(private readonly remote: Remote, canvas: HTMLCanvasElement) {
    this.recorder = new MediaRecorder(canvas.captureStream(),
      { mimeType: TYPE });
    this.recorder.ondataavailable = ({ data }) => {
      if (data.size > 0)
        this.parts.push(data);
    };
    this.recorder.onstop = () => save(new Blob(this.parts, { type: TYPE }),
      `${remote.peer.value?.hostname || 'device'}.webm`);
    this.recorder.start(EVERY_MS);
    remote.tell({ do: 'recording', on: true });
  }

  stop(): void {
    this.running = false;
    this.recorder.stop();
    this.remote.tell({ do: 'recording', on: false });
  }
}
