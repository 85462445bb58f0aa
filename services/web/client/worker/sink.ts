// Where a download is written: a folder that the user chose, or a file in
// the browser's own storage that the page hands out when it is whole. A file
// that did not come whole is removed.
import type { FileInfo } from '../../protocol/files';
import { safeParts } from '../../protocol/paths';
import { Zip } from '../../protocol/zip';
import type { FileFacts, Target } from '../messages';

export interface Sink {
  // What is there already under this name.
  existing(name: string): Promise<FileFacts | undefined>;
  // FROM: the bytes of it that a break left here. Says where it goes on: there
  // or before. Another file that was left unfinished is removed.
  begin(file: FileInfo, from: number): Promise<number>;
  // Resolves when there is room for more.
  write(data: Uint8Array<ArrayBuffer>): Promise<void>;
  end(): Promise<void>;
  // A failed or cancelled file, then everything.
  abort(): Promise<void>;
  // The name in the browser's own storage, if that is where it is.
  finish(): Promise<string | undefined>;
}

interface Place {
  readonly folder: FileSystemDirectoryHandle;
  readonly name: string;
}

interface OpenFile {
  readonly place: Place;
  readonly name: string;
  readonly fresh: boolean;      // nothing had that name
  readonly stream: FileSystemWritableFileStream;
  at: number;
}

class FolderSink implements Sink {
  private file: OpenFile | undefined;

  constructor(private readonly root: FileSystemDirectoryHandle,
    private readonly single: string) {}

  private async locate(name: string, create: boolean): Promise<Place> {
    const parts = safeParts(name === '' ? this.single : name);
    const last = parts?.pop();
    if (!parts || last === undefined)
      throw new Error('a file name that leaves the folder');
    let folder = this.root;
    for (const part of parts)
      folder = await folder.getDirectoryHandle(part, { create });
    return { folder, name: last };
  }

  async existing(name: string): Promise<FileFacts | undefined> {
    try {
      const at = await this.locate(name, false);
      const file = await (await at.folder.getFileHandle(at.name)).getFile();
      return { size: file.size, modified: file.lastModified / 1000 };
    } catch {
      return undefined;
    }
  }

  // The browser writes beside the file and replaces it when it is closed.
  async begin({ name }: FileInfo, from: number): Promise<number> {
    const open = this.file;
    if (open?.name === name) {
      open.at = Math.min(from, open.at);
      await open.stream.truncate(open.at);
      await open.stream.seek(open.at);
      return open.at;
    }
    await this.abort();
    const fresh = await this.existing(name) === undefined;
    const place = await this.locate(name, true);
    const handle = await place.folder.getFileHandle(place.name,
      { create: true });
    const stream = await handle.createWritable();
    this.file = { place, name, fresh, stream, at: 0 };
    return 0;
  }

  async write(data: Uint8Array<ArrayBuffer>): Promise<void> {
    if (!this.file)
      return;
    await this.file.stream.write(data);
    this.file.at += data.length;
  }

  async end(): Promise<void> {
    await this.file?.stream.close();
    this.file = undefined;
  }

  // The browser has made an empty file where there was none.
  async abort(): Promise<void> {
    const open = this.file;
    this.file = undefined;
    await open?.stream.abort();
    if (open?.fresh)
      await open.place.folder.removeEntry(open.place.name);
  }

  async finish(): Promise<undefined> {
    await this.abort();
  }
}

const STORE = 'downloads';

export async function store(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(STORE, { create: true });
}

// A single file, or a folder as ZIP, in the browser's own storage. Writing
// there is synchronous in a worker, so that nothing piles up in memory.
class StoredSink implements Sink {
  private readonly archive: Zip | undefined;
  private at = 0;
  private half: number | undefined;     // bytes of the file that is begun

  private constructor(private readonly name: string,
    private readonly file: FileSystemSyncAccessHandle, zip: boolean) {
    this.archive = zip ? new Zip() : undefined;
  }

  static async open(zip: boolean): Promise<StoredSink> {
    const name = crypto.randomUUID();
    const handle = await (await store()).getFileHandle(name, { create: true });
    return new StoredSink(name, await handle.createSyncAccessHandle(), zip);
  }

  async existing(): Promise<undefined> {
    return undefined;
  }

  private put(data: Uint8Array<ArrayBuffer>): void {
    for (let done = 0; done < data.length;) {
      const n = this.file.write(data.subarray(done), { at: this.at });
      done += n;
      this.at += n;
    }
  }

  private back(to: number): void {
    this.at = to;
    this.file.truncate(to);
  }

  async begin(f: FileInfo, from: number): Promise<number> {
    if (!this.archive) {
      this.back(Math.min(from, this.at));
      return this.at;
    }
    // The checksum of a member cannot go back. From 0 on it may be another
    // file than the one that was begun.
    if (from > 0 && this.half === from)
      return from;
    this.drop();
    const parts = safeParts(f.name);
    if (!parts)
      throw new Error('a file name that leaves the folder');
    this.half = 0;
    this.put(this.archive.begin(parts.join('/'), f.modified, f.size));
    return 0;
  }

  private drop(): void {
    if (this.archive && this.half !== undefined)
      this.back(this.archive.drop());
    this.half = undefined;
  }

  async write(data: Uint8Array<ArrayBuffer>): Promise<void> {
    this.put(this.archive ? this.archive.data(data) : data);
    if (this.half !== undefined)
      this.half += data.length;
  }

  async end(): Promise<void> {
    if (this.archive)
      this.put(this.archive.end());
    this.half = undefined;
  }

  async abort(): Promise<void> {
    this.file.close();
    await (await store()).removeEntry(this.name);
  }

  async finish(): Promise<string> {
    this.drop();
    for (const part of this.archive?.finish() ?? [])
      this.put(part);
    this.file.flush();
    this.file.close();
    return this.name;
  }
}

export async function openSink(target: Target, single: string):
Promise<Sink> {
  return target.kind === 'folder' ? new FolderSink(target.folder, single)
    : StoredSink.open(target.zip);
}
