// Files of this side that are to be sent: from a folder's handle, from what
// was dropped, from a file field. Names are relative; folders without files
// are told apart.
import type { UploadFile } from '../messages';

export interface Collected {
  readonly files: readonly UploadFile[];
  readonly emptyFolders: readonly string[];
}

const MAX_FILES = 100_000;
const MAX_DEPTH = 64;

class Collection implements Collected {
  readonly files: UploadFile[] = [];
  readonly emptyFolders: string[] = [];

  add(name: string, file: File): void {
    if (this.files.length >= MAX_FILES)
      throw new Error('too many files');
    this.files.push({ name, file });
  }

  async handle(h: FileSystemHandle, at = '', depth = 0): Promise<void> {
    const name = at + h.name;
    if (h.kind === 'file') {
      this.add(name, await (h as FileSystemFileHandle).getFile());
      return;
    }
    let empty = true;
    for await (const child of (h as FileSystemDirectoryHandle).values()) {
      empty = false;
      if (depth < MAX_DEPTH)
        await this.handle(child, `${name}/`, depth + 1);
    }
    if (empty)
      this.emptyFolders.push(name);
  }

  async entry(e: FileSystemEntry, at = '', depth = 0): Promise<void> {
    const name = at + e.name;
    if (e.isFile) {
      const file = await new Promise<File>((done, failed) =>
        (e as FileSystemFileEntry).file(done, failed));
      this.add(name, file);
      return;
    }
    const children = await entriesOf(e as FileSystemDirectoryEntry);
    if (children.length === 0)
      this.emptyFolders.push(name);
    for (const child of depth < MAX_DEPTH ? children : [])
      await this.entry(child, `${name}/`, depth + 1);
  }
}

// A reader gives a hundred at a time, and none when it is done.
async function entriesOf(d: FileSystemDirectoryEntry):
Promise<FileSystemEntry[]> {
  const reader = d.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((done, failed) =>
      reader.readEntries(done, failed));
    if (part.length === 0)
      return all;
    all.push(...part);
  }
}

export async function fromHandles(handles: readonly FileSystemHandle[]):
Promise<Collected> {
  const c = new Collection();
  for (const h of handles)
    await c.handle(h);
  return c;
}

// Entries have to be taken while the drop is handled, files may come later.
export async function fromDrop(data: DataTransfer): Promise<Collected> {
  const entries = [...data.items].flatMap((i) => i.webkitGetAsEntry() ?? []);
  const c = new Collection();
  for (const e of entries)
    await c.entry(e);
  return c;
}

export function fromField(list: FileList): Collected {
  const c = new Collection();
  for (const file of list)
    c.add(file.webkitRelativePath || file.name, file);
  return c;
}
