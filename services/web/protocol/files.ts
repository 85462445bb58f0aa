// File transfer: what is asked of the device, job by job, and what its
// answers mean. The caller reads and writes the files of this side; a job
// says when and how much, and never more than the device has announced.
import type {
  FileActionMessage, FileEntryMessage, FileResponseMessage, Outgoing,
} from './message.js';
import { join, safeParts } from './paths.js';
import { unzstd } from './zstd.js';

export const BLOCK = 128 << 10; // plain bytes of one block
export const MOST_OFFSET = 0xffffffff;  // an offset is said in 32 bits
const WHOLE_JOB = -1;

export type EntryKind = 'folder' | 'drive' | 'file';
export interface Entry {
  readonly name: string;
  readonly kind: EntryKind;
  readonly hidden: boolean;
  readonly size: number;
  readonly modified: number;    // Unix seconds
}

const KIND: readonly (EntryKind | undefined)[] =
  ['folder', undefined, 'folder', 'drive', 'file', 'file'];

export function readEntry(e: FileEntryMessage): Entry | undefined {
  const kind = KIND[e.entryType];
  return kind && {
    name: e.name, kind, hidden: e.isHidden, size: Number(e.size),
    modified: Number(e.modifiedTime),
  };
}

export interface FileInfo {
  readonly name: string;        // relative to the job's folder, "" if single
  readonly size: number;
  readonly modified: number;
}

export type JobEvent =
  // A download's files, before the first of them.
  | { readonly event: 'files'; readonly files: readonly FileInfo[] }
  // The device is about to send a file: answer with confirm or skip.
  | { readonly event: 'offer'; readonly file: number; readonly size: number;
    readonly modified: number }
  | { readonly event: 'data'; readonly file: number;
    readonly data: Uint8Array }
  | { readonly event: 'file-end'; readonly file: number }
  // An upload's file is there already: answer with overwrite or skip.
  | { readonly event: 'exists'; readonly file: number; readonly size: number;
    readonly modified: number; readonly identical: boolean }
  // … or the device has it, and wants no more of it.
  | { readonly event: 'has'; readonly file: number }
  // Send the file from OFFSET on, by block and fileEnd.
  | { readonly event: 'read'; readonly file: number; readonly offset: number }
  | { readonly event: 'done' }
  | { readonly event: 'failed'; readonly text: string;
    readonly file: number | undefined };

export interface Result {
  readonly send: readonly Outgoing[];
  readonly events: readonly JobEvent[];
}

export const nothing: Result = { send: [], events: [] };
const say = (...send: Outgoing[]): Result => ({ send, events: [] });
const tell = (...events: JobEvent[]): Result => ({ send: [], events });

export interface Job {
  readonly id: number;
  readonly over: boolean;
  start(): Result;
  response(r: FileResponseMessage): Result;
  action(a: FileActionMessage): Result;
  cancel(): Result;
}

function failure(e: NonNullable<FileResponseMessage['error']>): JobEvent {
  return {
    event: 'failed', text: e.error.slice(0, 500),
    file: e.fileNum === WHOLE_JOB ? undefined : e.fileNum,
  };
}

const cancelMessage = (id: number): Outgoing =>
  ({ fileAction: { cancel: { id } } });

// --- from the device --------------------------------------------------------

export class Download implements Job {
  over = false;
  files: readonly FileInfo[] | undefined;
  private current: number | undefined;    // file that is being sent
  private left = 0;                       // bytes of it

  constructor(readonly id: number, private readonly path: string,
    private readonly includeHidden: boolean) {}

  start(): Result {
    return say({
      fileAction: {
        send: {
          id: this.id, path: this.path, includeHidden: this.includeHidden,
        },
      },
    });
  }

  response(r: FileResponseMessage): Result {
    if (this.over)
      return nothing;
    if (r.dir)
      return this.listed(r.dir.entries);
    if (r.digest)
      return this.offered(r.digest);
    if (r.block)
      return this.block(r.block);
    if (r.error) {
      this.over = r.error.fileNum === WHOLE_JOB || this.files === undefined
        || this.files.length === 1;
      this.current = undefined;
      return tell(failure(r.error));
    }
    if (r.done) {
      if (this.current !== undefined)
        return this.refuse('the device ended in the middle of a file');
      this.over = true;
      return tell({ event: 'done' });
    }
    return nothing;
  }

  action(): Result {
    return nothing;
  }

  private listed(entries: readonly FileEntryMessage[]): Result {
    if (this.files !== undefined)
      return nothing;
    const files = entries.map((e) => ({
      name: e.name, size: Number(e.size), modified: Number(e.modifiedTime),
    }));
    const single = files.length === 1 && files[0]?.name === '';
    if (!single && files.some((f) => safeParts(f.name) === undefined))
      return this.refuse('a file name that leaves the folder');
    this.files = files;
    return tell({ event: 'files', files });
  }

  private offered(d: NonNullable<FileResponseMessage['digest']>): Result {
    const file = this.files?.[d.fileNum];
    if (file === undefined || this.current !== undefined || d.isUpload)
      return this.refuse('a file that was not announced');
    const size = Number(d.fileSize);
    this.left = size;
    return tell({
      event: 'offer', file: d.fileNum, size, modified: Number(d.lastModified),
    });
  }

  // OFFSET bytes are here already (devices from 1.4.2 on).
  confirm(file: number, offset = 0): Result {
    this.current = file;
    this.left -= offset;
    return say({
      fileAction: {
        sendConfirm: { id: this.id, fileNum: file, offsetBlk: offset },
      },
    });
  }

  skip(file: number): Result {
    return say({
      fileAction: { sendConfirm: { id: this.id, fileNum: file, skip: true } },
    });
  }

  private block(b: NonNullable<FileResponseMessage['block']>): Result {
    if (b.fileNum !== this.current)
      return this.refuse('data of a file that was not asked for');
    if (b.data.length === 0) {
      if (this.left > 0)
        return this.refuse('the file is shorter than announced');
      const file = this.current;
      this.current = undefined;
      return tell({ event: 'file-end', file });
    }
    let data;
    try {
      data = b.compressed ? unzstd(b.data, 2 * BLOCK) : b.data;
    } catch {
      return this.refuse('a block that cannot be unpacked');
    }
    this.left -= data.length;
    return this.left < 0
      ? this.refuse('the file is longer than announced')
      : tell({ event: 'data', file: b.fileNum, data });
  }

  private refuse(text: string): Result {
    this.over = true;
    return {
      send: [cancelMessage(this.id)],
      events: [{ event: 'failed', text, file: undefined }],
    };
  }

  cancel(): Result {
    this.over = true;
    return say(cancelMessage(this.id));
  }
}

// --- to the device ----------------------------------------------------------

const FILE = 4;

export class Upload implements Job {
  over = false;
  private file = -1;
  private answered = false;

  // A single file has the name "" and PATH is its own; else PATH is the
  // folder that the names are relative to. GOING: whether an earlier job has
  // sent a part of the file, from where the device may go on.
  constructor(readonly id: number, private readonly path: string,
    private readonly files: readonly FileInfo[],
    private readonly going: (name: string) => boolean = () => false) {}

  start(): Result {
    const total = this.files.reduce((n, f) => n + f.size, 0);
    return {
      send: [{
        fileAction: {
          receive: {
            id: this.id, path: this.path, totalSize: BigInt(total),
            files: this.files.map((f) => ({
              entryType: FILE, name: f.name, size: BigInt(f.size),
              modifiedTime: BigInt(f.modified),
            })),
          },
        },
      }, ...this.next().send],
      events: [],
    };
  }

  private next(): Result {
    this.file += 1;
    this.answered = false;
    const file = this.files[this.file];
    if (file === undefined) {
      this.over = true;
      return {
        send: [{
          fileResponse: { done: { id: this.id, fileNum: this.file - 1 } },
        }],
        events: [{ event: 'done' }],
      };
    }
    return say({
      fileResponse: {
        digest: {
          id: this.id, fileNum: this.file, fileSize: BigInt(file.size),
          lastModified: BigInt(file.modified), isResume: this.resumes,
        },
      },
    });
  }

  // The file whose blocks the device takes just now.
  get sending(): number | undefined {
    return this.answered && !this.over ? this.file : undefined;
  }

  private get resumes(): boolean {
    const file = this.files[this.file];
    return file !== undefined && this.going(file.name);
  }

  // The device wants the file, from an offset, or not at all.
  action(a: FileActionMessage): Result {
    const c = a.sendConfirm;
    if (this.over || c?.id !== this.id || c.fileNum !== this.file
        || this.answered)
      return nothing;
    if (c.skip) {
      const { send, events } = this.next();
      return {
        send, events: [{ event: 'has', file: c.fileNum }, ...events],
      };
    }
    this.answered = true;
    const size = this.files[this.file]?.size ?? 0;
    const offset = Math.min(size, c.offsetBlk ?? 0);
    return tell({ event: 'read', file: this.file, offset });
  }

  response(r: FileResponseMessage): Result {
    if (this.over)
      return nothing;
    if (r.error) {
      if (r.error.fileNum === WHOLE_JOB || this.files.length === 1) {
        this.over = true;
        return tell(failure(r.error));
      }
      const { send, events } = this.next();
      return { send, events: [failure(r.error), ...events] };
    }
    const d = r.digest;
    if (!d?.isUpload || d.fileNum !== this.file || this.answered)
      return nothing;
    if (this.resumes && d.isIdentical && d.transferredSize > 0n)
      return this.overwrite(Number(d.transferredSize));
    return tell({
      event: 'exists', file: this.file, size: Number(d.fileSize),
      modified: Number(d.lastModified),
      identical: d.isIdentical && !this.resumes,
    });
  }

  // PART: the bytes that the device has.
  overwrite(part = 0): Result {
    this.answered = true;
    const size = this.files[this.file]?.size ?? 0;
    const offset = Math.min(size, part, MOST_OFFSET);
    return {
      send: [{
        fileAction: {
          sendConfirm: { id: this.id, fileNum: this.file, offsetBlk: offset },
        },
      }],
      events: [{ event: 'read', file: this.file, offset }],
    };
  }

  skip(): Result {
    const { send, events } = this.next();
    return {
      send: [{
        fileAction: {
          sendConfirm: { id: this.id, fileNum: this.file - 1, skip: true },
        },
      }, ...send],
      events,
    };
  }

  block(data: Uint8Array): Result {
    return say({
      fileResponse: { block: { id: this.id, fileNum: this.file, data } },
    });
  }

  fileEnd(): Result {
    const last = this.block(new Uint8Array(0));
    const { send, events } = this.next();
    return { send: [...last.send, ...send], events };
  }

  cancel(): Result {
    this.over = true;
    return say(cancelMessage(this.id));
  }
}

// --- removing, creating, renaming -------------------------------------------

// A folder with all that is in it: the files one by one, then the folders.
export class Removal implements Job {
  over = false;
  private files: readonly string[] | undefined;
  private at = 0;

  constructor(readonly id: number, private readonly path: string,
    private readonly platform: string) {}

  start(): Result {
    return say({
      fileAction: {
        allFiles: { id: this.id, path: this.path, includeHidden: true },
      },
    });
  }

  response(r: FileResponseMessage): Result {
    if (this.over)
      return nothing;
    if (r.dir && this.files === undefined) {
      this.files = r.dir.entries.map((e) => e.name);
      return this.step();
    }
    if (r.done && this.files !== undefined)
      return this.step();
    if (!r.error)
      return nothing;
    this.over = true;
    return tell(failure(r.error));
  }

  action(): Result {
    return nothing;
  }

  private step(): Result {
    const files = this.files ?? [];
    const name = files[this.at];
    if (name !== undefined) {
      const fileNum = this.at;
      this.at += 1;
      return say({
        fileAction: {
          removeFile: {
            id: this.id, path: join(this.platform, this.path, name), fileNum,
          },
        },
      });
    }
    if (this.at === files.length) {
      this.at += 1;
      return say({
        fileAction: {
          removeDir: { id: this.id, path: this.path, recursive: true },
        },
      });
    }
    this.over = true;
    return tell({ event: 'done' });
  }

  cancel(): Result {
    this.over = true;
    return nothing;
  }
}

// One request that is answered by done or error.
export class Simple implements Job {
  over = false;

  constructor(readonly id: number, private readonly request: Outgoing) {}

  start(): Result {
    return say(this.request);
  }

  response(r: FileResponseMessage): Result {
    if (!r.done && !r.error)
      return nothing;
    this.over = true;
    return tell(r.error ? failure(r.error) : { event: 'done' });
  }

  action(): Result {
    return nothing;
  }

  cancel(): Result {
    this.over = true;
    return nothing;
  }
}

export const createFolder = (id: number, path: string): Job =>
  new Simple(id, { fileAction: { create: { id, path } } });
export const removeFile = (id: number, path: string): Job =>
  new Simple(id, { fileAction: { removeFile: { id, path } } });
export const rename = (id: number, path: string, newName: string): Job =>
  new Simple(id, { fileAction: { rename: { id, path, newName } } });

export const readFolder = (path: string, includeHidden: boolean): Outgoing =>
  ({ fileAction: { readDir: { path, includeHidden } } });

// The job that a message of the device is about.
export function jobOf(r: FileResponseMessage): number | undefined {
  return (r.dir ?? r.block ?? r.error ?? r.done ?? r.digest)?.id;
}
