// File jobs over one link, one after the other: reads and writes the files
// of this side as the protocol's jobs ask for it.
import {
  BLOCK, createFolder, Download, jobOf, readEntry, readFolder, Removal,
  removeFile, rename, Upload,
} from '../../protocol/files';
import type { FileInfo, Job, JobEvent, Result } from '../../protocol/files';
import type { Outgoing, PeerMessage } from '../../protocol/message';
import type {
  FileFacts, FromWorker, JobState, Overwrite, ToWorker,
} from '../messages';
import type { Link } from './link';
import { openSink } from './sink';
import type { Sink } from './sink';

const BUFFERED = 1 << 20;       // bytes the socket may hold
const REPORT = 200;             // ms between two reports of progress
const MAX_JOBS = 1000;          // waiting in the queue

type Upcoming = Extract<ToWorker, { readonly id: number; do: 'download'
  | 'upload' | 'create' | 'rename' | 'remove' }>;

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

// One job under way with everything that belongs to it.
class Run {
  readonly state: { -readonly [K in keyof JobState]: JobState[K] };
  job: Job;
  sink: Sink | undefined;
  files: readonly FileInfo[] = [];
  sources: readonly File[] = [];
  current = 0;
  always: Overwrite | undefined;
  paused = false;
  resume: () => void = () => undefined;
  failures = 0;
  // Writing happens in order, one block behind the other.
  chain: Promise<void> = Promise.resolve();

  constructor(readonly request: Upcoming, job: Job) {
    this.job = job;
    this.state = {
      id: request.id, state: 'running', file: '', files: 0, filesDone: 0,
      bytes: 0, total: 0, error: '',
    };
  }
}

export class Transfer {
  private readonly queue: Upcoming[] = [];
  private run: Run | undefined;
  private reported = 0;
  private platform = '';

  constructor(private readonly theLink: () => Link | undefined,
    private readonly say: (m: FromWorker) => void) {}

  private post(...messages: readonly Outgoing[]): void {
    this.theLink()?.post(...messages);
  }

  ready(platform: string): void {
    this.platform = platform;
    this.next();
  }

  // The connection is gone: what was under way is not whole.
  lost(): void {
    if (this.run)
      void this.fail(this.run, 'lost');
  }

  command(m: ToWorker): void {
    switch (m.do) {
      case 'list': this.post(readFolder(m.path, m.hidden)); break;
      case 'download': case 'upload': case 'create': case 'rename':
      case 'remove':
        if (this.queue.length < MAX_JOBS)
          this.queue.push(m);
        this.next();
        break;
      case 'overwrite': this.answer(m.id, m.answer, m.all); break;
      case 'pause': this.pause(m.id, m.paused); break;
      case 'cancel': void this.cancel(m.id); break;
      default: break;
    }
  }

  private next(): void {
    if (this.run || !this.theLink()?.alive)
      return;
    const request = this.queue.shift();
    if (!request)
      return;
    const run = new Run(request, this.jobFor(request));
    if (request.do === 'upload') {
      run.sources = request.files.map((f) => f.file);
      run.files = this.facts(request.files);
      this.totals(run);
    }
    this.run = run;
    this.apply(run, run.job.start());
    this.report(run, true);
  }

  private facts(files: readonly { name: string; file: File }[]): FileInfo[] {
    return files.map(({ name, file }) => ({
      name, size: file.size, modified: Math.floor(file.lastModified / 1000),
    }));
  }

  private jobFor(m: Upcoming): Job {
    switch (m.do) {
      case 'download': return new Download(m.id, m.path, m.hidden);
      case 'upload': return new Upload(m.id, m.path, this.facts(m.files));
      case 'create': return createFolder(m.id, m.path);
      case 'rename': return rename(m.id, m.path, m.name);
      case 'remove':
        return m.folder ? new Removal(m.id, m.path, this.platform)
          : removeFile(m.id, m.path);
    }
  }

  private totals(run: Run): void {
    run.state.files = run.files.length;
    run.state.total = run.files.reduce((n, f) => n + f.size, 0);
  }

  // --- answers of the device ------------------------------------------------

  message(m: PeerMessage): void {
    const r = m.fileResponse;
    const run = this.run;
    if (r?.dir && r.dir.id !== run?.job.id) {
      this.say({
        say: 'listing', path: r.dir.path,
        entries: r.dir.entries.flatMap((e) => readEntry(e) ?? []),
      });
      return;
    }
    if (!run)
      return;
    if (r && jobOf(r) === run.job.id)
      this.apply(run, run.job.response(r));
    else if (m.fileAction)
      this.apply(run, run.job.action(m.fileAction));
  }

  private apply(run: Run, result: Result): void {
    this.post(...result.send);
    for (const e of result.events)
      run.chain = run.chain.then(() => this.event(run, e))
        .catch((error: unknown) => this.fail(run, String(error)));
  }

  private async event(run: Run, e: JobEvent): Promise<void> {
    if (this.run !== run)
      return;
    switch (e.event) {
      case 'files': await this.announced(run, e.files); break;
      case 'offer': await this.offered(run, e); break;
      case 'data':
        await run.sink?.write(new Uint8Array(e.data));
        run.state.bytes += e.data.length;
        this.report(run);
        break;
      case 'file-end':
        await run.sink?.end();
        run.state.filesDone += 1;
        this.report(run);
        break;
      case 'exists': this.exists(run, e); break;
      case 'read': await this.send(run, e.file, e.offset); break;
      case 'done': await this.done(run); break;
      case 'failed': await this.failed(run, e.text); break;
    }
  }

  private async announced(run: Run, files: readonly FileInfo[]):
  Promise<void> {
    const m = run.request;
    if (m.do !== 'download')
      return;
    run.files = files;
    this.totals(run);
    const single = m.path.split(/[\\/]/).pop() ?? '';
    run.sink = await openSink(m.target, single);
    this.report(run, true);
  }

  private async offered(run: Run, o: { file: number; size: number;
    modified: number }): Promise<void> {
    if (!(run.job instanceof Download))
      return;
    const name = run.files[o.file]?.name ?? '';
    run.current = o.file;
    run.state.file = name;
    await this.unpaused(run);
    const here = await run.sink?.existing(name);
    if (here && run.always === undefined)
      this.ask(run, name, here, o, false);
    else if (here && run.always === 'skip')
      this.skip(run);
    else
      await this.take(run, name, o);
  }

  private async take(run: Run, name: string, o: FileFacts): Promise<void> {
    if (!(run.job instanceof Download))
      return;
    await run.sink?.begin(name, o.size, o.modified);
    this.apply(run, run.job.confirm(run.current));
  }

  private skip(run: Run): void {
    run.state.filesDone += 1;
    if (run.job instanceof Download)
      this.apply(run, run.job.skip(run.current));
    else if (run.job instanceof Upload)
      this.apply(run, run.job.skip());
  }

  private exists(run: Run, e: { file: number; size: number;
    modified: number; identical: boolean }): void {
    const here = run.files[e.file];
    run.current = e.file;
    if (!here || !(run.job instanceof Upload))
      return;
    if (e.identical || run.always === 'skip')
      this.skip(run);
    else if (run.always === 'overwrite')
      this.apply(run, run.job.overwrite());
    else
      this.ask(run, here.name, here, e, true);
  }

  private ask(run: Run, name: string, here: FileFacts, there: FileFacts,
    upload: boolean): void {
    const m = run.request;
    const path = 'path' in m ? m.path : '';
    this.say({
      say: 'exists', id: run.job.id, upload,
      name: name === '' ? path.split(/[\\/]/).pop() ?? '' : name,
      here: { size: here.size, modified: here.modified },
      there: { size: there.size, modified: there.modified },
    });
  }

  private answer(id: number, answer: Overwrite, all: boolean): void {
    const run = this.run;
    if (run?.job.id !== id)
      return;
    if (all)
      run.always = answer;
    const file = run.files[run.current];
    if (answer === 'skip')
      this.skip(run);
    else if (run.job instanceof Upload)
      this.apply(run, run.job.overwrite());
    else if (file)
      run.chain = run.chain.then(() => this.take(run, file.name, file))
        .catch((error: unknown) => this.fail(run, String(error)));
  }

  // --- sending --------------------------------------------------------------

  private async send(run: Run, index: number, offset: number): Promise<void> {
    const source = run.sources[index];
    if (!source || !(run.job instanceof Upload))
      return;
    run.state.file = run.files[index]?.name || source.name;
    run.state.bytes += offset;
    for (let at = offset; at < source.size; at += BLOCK) {
      await this.unpaused(run);
      while ((this.theLink()?.buffered ?? 0) > BUFFERED)
        await sleep(10);
      if (this.run !== run || run.job.over)
        return;
      const end = Math.min(at + BLOCK, source.size);
      const data = await source.slice(at, end).arrayBuffer();
      if (data.byteLength !== end - at)
        throw new Error('the file changed while it was read');
      this.apply(run, run.job.block(new Uint8Array(data)));
      run.state.bytes += data.byteLength;
      this.report(run);
    }
    run.state.filesDone += 1;
    this.apply(run, run.job.fileEnd());
  }

  private async unpaused(run: Run): Promise<void> {
    while (run.paused)
      await new Promise<void>((done) => { run.resume = done; });
  }

  private pause(id: number, paused: boolean): void {
    const run = this.run;
    if (run?.job.id !== id || run.state.state === 'done')
      return;
    run.paused = paused;
    run.state.state = paused ? 'paused' : 'running';
    if (!paused)
      run.resume();
    this.report(run, true);
  }

  // --- the end of a job -----------------------------------------------------

  private async done(run: Run): Promise<void> {
    const m = run.request;
    const stored = await run.sink?.finish();
    if (stored !== undefined && m.do === 'download'
        && m.target.kind === 'save')
      this.say({
        say: 'file-ready', id: run.job.id, name: m.target.name, stored,
      });
    this.close(run, run.failures > 0 ? 'failed' : 'done');
  }

  private async failed(run: Run, text: string): Promise<void> {
    run.failures += 1;
    run.state.error = text;
    if (run.job.over)
      await this.fail(run, text);
  }

  private async fail(run: Run, text: string): Promise<void> {
    if (this.run !== run)
      return;
    run.state.error = text;
    if (!run.job.over)
      this.post(...run.job.cancel().send);
    this.close(run, 'failed');
    await run.sink?.abort().catch(() => undefined);
  }

  private async cancel(id: number): Promise<void> {
    const waiting = this.queue.findIndex((m) => m.id === id);
    if (waiting >= 0)
      this.queue.splice(waiting, 1);
    const run = this.run;
    if (run?.job.id !== id)
      return;
    this.post(...run.job.cancel().send);
    run.paused = false;
    run.resume();
    this.close(run, 'cancelled');
    await run.sink?.abort().catch(() => undefined);
  }

  private close(run: Run, state: JobState['state']): void {
    run.state.state = state;
    this.report(run, true);
    if (this.run === run)
      this.run = undefined;
    this.next();
  }

  private report(run: Run, always = false): void {
    const now = performance.now();
    if (!always && now - this.reported < REPORT)
      return;
    this.reported = now;
    this.say({ say: 'job', job: { ...run.state } });
  }
}
