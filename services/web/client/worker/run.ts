// One job of the queue while it is under way: what it keeps when the
// connection breaks or the user pauses it.
import type { FileInfo, Job } from '../../protocol/files';
import { Progress } from '../../protocol/resume';
import type { JobState, ToWorker } from '../messages';
import type { Sink } from './sink';

export type Upcoming = Extract<ToWorker, { readonly id: number;
  do: 'download' | 'upload' | 'create' | 'rename' | 'remove' }>;

export const factsOf = (files: readonly { name: string; file: File }[]):
FileInfo[] => files.map(({ name, file }) => ({
  name, size: file.size, modified: Math.floor(file.lastModified / 1000),
}));

export class Run {
  readonly state: { -readonly [K in keyof JobState]: JobState[K] };
  readonly progress = new Progress();
  // What the device knows of it; none while it is broken or paused. Another
  // one goes on from where this one was.
  job: Job | undefined;
  sink: Sink | undefined;
  files: readonly FileInfo[] = [];
  readonly sources: readonly File[];
  // Goes on with the file that the user is asked about.
  asked: (() => Promise<void>) | undefined;
  askedName = '';
  paused = false;
  go: () => void = () => undefined;
  readonly failed = new Set<string>();
  // Writing happens in order, one block behind the other.
  chain: Promise<void> = Promise.resolve();

  constructor(readonly request: Upcoming) {
    this.sources = request.do === 'upload'
      ? request.files.map((f) => f.file) : [];
    this.state = {
      id: request.id, state: 'waiting', file: '', files: 0, filesDone: 0,
      bytes: 0, total: 0, error: '',
    };
    if (request.do === 'upload')
      this.announce(factsOf(request.files));
  }

  // Files go on after a break; what else there is does not.
  get moves(): boolean {
    return this.request.do === 'download' || this.request.do === 'upload';
  }

  announce(files: readonly FileInfo[]): void {
    this.files = files;
    this.state.files = files.length;
    this.state.total = files.reduce((n, f) => n + f.size, 0);
  }

  get snapshot(): JobState {
    return {
      ...this.state, filesDone: this.progress.files,
      bytes: this.progress.bytes,
    };
  }

  async unpaused(): Promise<void> {
    while (this.paused)
      await new Promise<void>((done) => { this.go = done; });
  }
}
