// File jobs over one link, one after the other: reads and writes the files
// of this side as the protocol's jobs ask for it. A break of the connection
// or a pause ends the device's job, not the run: another job goes on.
import {
  BLOCK, createFolder, Download, jobOf, MOST_OFFSET, readEntry, readFolder,
  Removal, removeFile, rename, Upload,
} from '../../protocol/files';
import type { FileInfo, Job, JobEvent, Result } from '../../protocol/files';
import type { Outgoing, PeerMessage } from '../../protocol/message';
import type { Peer } from '../../protocol/peer';
import type {
  FileFacts, FromWorker, JobState, Overwrite, ToWorker,
} from '../messages';
import type { Link } from './link';
import { factsOf, Run } from './run';
import type { Upcoming } from './run';
import { openSink } from './sink';

const BUFFERED = 1 << 20;       // bytes the socket may hold
const READ = 8 * BLOCK;         // bytes of a file read at once
const REPORT = 200;             // ms between two reports of progress
const MAX_JOBS = 1000;          // waiting in the queue

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

const lastPart = (path: string) => path.split(/[\\/]/).pop() ?? '';

async function readPart(source: File, at: number): Promise<Uint8Array> {
  const end = Math.min(at + READ, source.size);
  const data = await source.slice(at, end).arrayBuffer();
  if (data.byteLength !== end - at)
    throw new Error('the file changed while it was read');
  return new Uint8Array(data);
}

export class Transfer {
  private readonly queue: Upcoming[] = [];
  private run: Run | undefined;
  private reported = 0;
  private report: ReturnType<typeof setTimeout> | undefined;
  private peer: Peer | undefined;       // while there is a session
  private lastJob = 0;

  constructor(private readonly theLink: () => Link | undefined,
    private readonly say: (m: FromWorker) => void) {}

  private post(...messages: readonly Outgoing[]): void {
    this.theLink()?.post(...messages);
  }

  ready(peer: Peer): void {
    this.peer = peer;
    if (this.run)
      this.begin(this.run);
    else
      this.next();
  }

  lost(forGood: boolean): void {
    this.peer = undefined;
    const run = this.run;
    if (!run)
      return;
    run.job = undefined;
    if (forGood || !run.moves)
      void this.fail(run, 'lost');
    else
      this.enter(run, run.paused ? 'paused' : 'interrupted');
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
    if (this.run || !this.peer)
      return;
    const request = this.queue.shift();
    if (!request)
      return;
    this.run = new Run(request);
    this.begin(this.run);
  }

  // From the start, or from where it was.
  private begin(run: Run): void {
    if (!this.peer || run.paused)
      return;
    run.failed.clear();
    run.state.error = '';
    const job = this.jobFor(run, this.peer);
    run.job = job;
    this.enter(run, 'running');
    this.apply(run, job, job.start());
  }

  // Each has an id of its own: what still comes for another is not for it.
  private jobFor(run: Run, { platform, fileResume }: Peer): Job {
    const m = run.request;
    const id = ++this.lastJob;
    switch (m.do) {
      case 'download': return new Download(id, m.path, m.hidden);
      case 'upload': return new Upload(id, m.path, factsOf(m.files),
        (name) => fileResume && run.progress.isBegun(name));
      case 'create': return createFolder(id, m.path);
      case 'rename': return rename(id, m.path, m.name);
      case 'remove':
        return m.folder ? new Removal(id, m.path, platform)
          : removeFile(id, m.path);
    }
  }

  // --- answers of the device ------------------------------------------------

  message(m: PeerMessage): void {
    const r = m.fileResponse;
    const run = this.run;
    if (r?.dir?.id === 0) {
      this.say({
        say: 'listing', path: r.dir.path,
        entries: r.dir.entries.flatMap((e) => readEntry(e) ?? []),
      });
      return;
    }
    if (!run?.job)
      return;
    if (r && jobOf(r) === run.job.id)
      this.apply(run, run.job, run.job.response(r));
    else if (m.fileAction)
      this.apply(run, run.job, run.job.action(m.fileAction));
  }

  private apply(run: Run, job: Job, result: Result): void {
    this.post(...result.send);
    for (const e of result.events)
      this.then(run, () => this.event(run, job, e));
  }

  private then(run: Run, step: () => Promise<void>): void {
    run.chain = run.chain.then(step)
      .catch((error: unknown) => this.fail(run, String(error)));
  }

  private isOver(run: Run, job: Job): boolean {
    return this.run !== run || run.job !== job;
  }

  private async event(run: Run, job: Job, e: JobEvent): Promise<void> {
    if (this.isOver(run, job))
      return;
    switch (e.event) {
      case 'files': await this.announced(run, e.files); break;
      case 'offer': await this.offered(run, job, e); break;
      case 'data':
        await run.sink?.write(new Uint8Array(e.data));
        run.progress.moved(e.data.length);
        this.tell(run);
        break;
      case 'file-end':
        await run.sink?.end();
        run.progress.end();
        this.tell(run);
        break;
      case 'exists': await this.exists(run, job, e); break;
      case 'has': run.progress.skip(run.files[e.file]?.name ?? ''); break;
      case 'read': await this.send(run, job, e.file, e.offset); break;
      case 'done': await this.done(run, job); break;
      case 'failed': await this.failed(run, job, e.file, e.text); break;
    }
  }

  private async announced(run: Run, files: readonly FileInfo[]):
  Promise<void> {
    const m = run.request;
    if (m.do !== 'download')
      return;
    run.announce(files);
    run.sink ??= await openSink(m.target, lastPart(m.path));
    this.tell(run, true);
  }

  private async offered(run: Run, job: Job, o: { file: number; size: number;
    modified: number }): Promise<void> {
    if (this.isOver(run, job) || !(job instanceof Download))
      return;
    const { progress, sink } = run;
    const name = run.files[o.file]?.name ?? '';
    const file = { name, size: o.size, modified: o.modified };
    run.state.file = name;
    const here = progress.isBegun(name) ? undefined
      : await sink?.existing(name);
    const what = progress.isSettled(name) ? 'skip'
      : progress.decide(name, here !== undefined);
    if (what === 'ask' && here) {
      this.ask(run, name, here, o, false);
      run.asked = () => this.offered(run, job, o);
    } else if (what === 'skip') {
      progress.skip(name);
      this.apply(run, job, job.skip(o.file));
    } else {
      await this.take(run, job, o.file, file);
    }
  }

  private async take(run: Run, job: Download, index: number, file: FileInfo):
  Promise<void> {
    const known = this.peer?.fileResume
      ? Math.min(run.progress.offset(file), MOST_OFFSET) : 0;
    const from = await run.sink?.begin(file, known) ?? 0;
    run.progress.begin(file, from);
    if (!this.isOver(run, job))
      this.apply(run, job, job.confirm(index, from));
  }

  private async exists(run: Run, job: Job, e: { file: number; size: number;
    modified: number; identical: boolean }): Promise<void> {
    const here = run.files[e.file];
    if (!here || this.isOver(run, job) || !(job instanceof Upload))
      return;
    const what = e.identical ? 'skip'
      : run.progress.decide(here.name, true);
    if (what === 'ask') {
      this.ask(run, here.name, here, e, true);
      run.asked = () => this.exists(run, job, e);
    } else if (what === 'skip') {
      run.progress.skip(here.name);
      this.apply(run, job, job.skip());
    } else {
      this.apply(run, job, job.overwrite());
    }
  }

  private ask(run: Run, name: string, here: FileFacts, there: FileFacts,
    upload: boolean): void {
    const m = run.request;
    run.askedName = name;
    this.say({
      say: 'exists', id: m.id, upload,
      name: name === '' && 'path' in m ? lastPart(m.path) : name,
      here: { size: here.size, modified: here.modified },
      there: { size: there.size, modified: there.modified },
    });
  }

  // Kept, if the connection is away just now: it will be asked for again.
  private answer(id: number, answer: Overwrite, all: boolean): void {
    const run = this.run;
    if (run?.request.id !== id)
      return;
    run.progress.choose(run.askedName, answer, all);
    const { asked } = run;
    run.asked = undefined;
    if (asked)
      this.then(run, asked);
  }

  // --- sending --------------------------------------------------------------

  private async send(run: Run, job: Job, index: number, offset: number):
  Promise<void> {
    const source = run.sources[index];
    const file = run.files[index];
    if (!source || !file || !(job instanceof Upload))
      return;
    run.state.file = file.name || source.name;
    run.progress.begin(file, offset);
    for (let at = offset; at < source.size && this.takes(run, job, index);
      at += READ)
      await this.sendPart(run, job, index, await readPart(source, at));
    if (!this.takes(run, job, index))
      return;
    run.progress.end();
    this.apply(run, job, job.fileEnd());
  }

  private takes(run: Run, job: Upload, index: number): boolean {
    return !this.isOver(run, job) && job.sending === index;
  }

  private async sendPart(run: Run, job: Upload, index: number,
    part: Uint8Array): Promise<void> {
    for (let at = 0; at < part.length; at += BLOCK) {
      await run.unpaused();
      while ((this.theLink()?.buffered ?? 0) > BUFFERED)
        await sleep(5);
      if (!this.takes(run, job, index))
        return;
      const data = part.subarray(at, at + BLOCK);
      this.apply(run, job, job.block(data));
      run.progress.moved(data.length);
      this.tell(run);
    }
  }

  // A device that sends is told to stop; one that receives just waits.
  private pause(id: number, paused: boolean): void {
    const run = this.run;
    if (run?.request.id !== id || !run.moves || run.paused === paused)
      return;
    run.paused = paused;
    if (paused && run.job instanceof Download) {
      this.post(...run.job.cancel().send);
      run.job = undefined;
    }
    this.enter(run, paused ? 'paused' : run.job ? 'running' : 'interrupted');
    if (paused)
      return;
    run.go();
    if (!run.job)
      this.begin(run);
  }

  // --- the end of a job -----------------------------------------------------

  private async done(run: Run, job: Job): Promise<void> {
    // The last blocks may still be on their way to the device.
    if (job instanceof Upload)
      await this.theLink()?.read();
    if (this.isOver(run, job))
      return;
    const m = run.request;
    const stored = await run.sink?.finish();
    if (stored !== undefined && m.do === 'download'
        && m.target.kind === 'save')
      this.say({
        say: 'file-ready', id: m.id, name: m.target.name, stored,
      });
    this.close(run, run.failed.size > 0 ? 'failed' : 'done');
  }

  private async failed(run: Run, job: Job, file: number | undefined,
    text: string): Promise<void> {
    run.failed.add(run.files[file ?? -1]?.name ?? '');
    run.progress.drop();
    run.state.error = text;
    if (job.over)
      await this.fail(run, text);
  }

  private async fail(run: Run, text: string): Promise<void> {
    if (this.run !== run)
      return;
    run.state.error = text;
    if (run.job && !run.job.over)
      this.post(...run.job.cancel().send);
    await this.abandon(run, 'failed');
  }

  private async cancel(id: number): Promise<void> {
    const waiting = this.queue.findIndex((m) => m.id === id);
    if (waiting >= 0)
      this.queue.splice(waiting, 1);
    const run = this.run;
    if (run?.request.id !== id)
      return;
    if (run.job)
      this.post(...run.job.cancel().send);
    await this.abandon(run, 'cancelled');
  }

  private async abandon(run: Run, state: JobState['state']): Promise<void> {
    run.paused = false;
    run.go();
    this.close(run, state);
    await run.sink?.abort().catch(() => undefined);
  }

  private close(run: Run, state: JobState['state']): void {
    this.enter(run, state);
    if (this.run === run)
      this.run = undefined;
    this.next();
  }

  private enter(run: Run, state: JobState['state']): void {
    run.state.state = state;
    this.tell(run, true);
  }

  // Not more often than need be, but the last of a row as well.
  private tell(run: Run, always = false): void {
    const wait = this.reported + REPORT - performance.now();
    if (!always && wait > 0) {
      this.report ??= setTimeout(() => this.tell(run, true), wait);
      return;
    }
    clearTimeout(this.report);
    this.report = undefined;
    this.reported = performance.now();
    this.say({ say: 'job', job: run.snapshot });
  }
}
