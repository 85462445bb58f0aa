// Where a download is written: a folder that the user chose, or a file in
// the browser's own storage that the page hands out when it is whole. A file
// that did not come whole is removed.
import { safeParts } from '../../protocol/paths';
import { Zip } from '../../protocol/zip';
import type { FileFacts, Target } from '../messages';

export interface Sink {
  // What is there already under this name.
  existing(name: string): Promise<FileFacts | undefined>;
  begin(name: string, size: number, modified: number): Promise<void>;
  // Resolves when there is room for more.
  write(data: Uint8Array<ArrayBuffer>): Promise<void>;
  end(): Promise<void>;
  // A failed or cancelled file, then everything.
  abort(): Promise<void>;
  // The name in the browser's own storage, if that is where it is.
  finish(): Promise<string | undefined>;
}

class FolderSink implements Sink {
  private file: FileSystemWritableFileStream | undefined;

  constructor(private readonly root: FileSystemDirectoryHandle,
    private readonly single: string) {}

  private async locate(name: string, create: boolean):
  Promise<FileSystemFileHandle> {
    const parts = safeParts(name === '' ? this.single : name);
    const last = parts?.pop();
    if (!parts || last === undefined)
      throw new Error('a file name that leaves the folder');
    let folder = this.root;
    for (const part of parts)
      folder = await folder.getDirectoryHandle(part, { create });
    return folder.getFileHandle(last, { create });
  }

  async existing(name: string): Promise<FileFacts | undefined> {
    try {
      const file = await (await this.locate(name, false)).getFile();
      return { size: file.size, modified: file.lastModified / 1000 };
    } catch {
      return undefined;
    }
  }

  // The browser writes beside the file and replaces it when it is closed.
  async begin(name: string): Promise<void> {
    this.file = await (await this.locate(name, true)).createWritable();
  }

  async write(data: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.file?.write(data);
  }

  async end(): Promise<void> {
    await this.file?.close();
    this.file = undefined;
  }

  async abort(): Promise<void> {
    await this.file?.abort();
    this.file = undefined;
  }

  async finish(): Promise<undefined> {
    return undefined;
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
    for (let at = 0; at < data.length;)
      at += this.file.write(data.subarray(at));
  }

  async begin(name: string, size: number, modified: number): Promise<void> {
    const parts = safeParts(name);
    if (this.archive && parts)
      this.put(this.archive.begin(parts.join('/'), modified, size));
  }

  async write(data: Uint8Array<ArrayBuffer>): Promise<void> {
    this.put(this.archive ? this.archive.data(data) : data);
  }

  async end(): Promise<void> {
    if (this.archive)
      this.put(this.archive.end());
  }

  async abort(): Promise<void> {
    this.file.close();
    await (await store()).removeEntry(this.name);
  }

  async finish(): Promise<string> {
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
