// The file view's state beside the remote's: where both panes are, what is
// under way, what the user still has to be asked.
import { signal } from '@preact/signals';
import { join } from '../../protocol/paths';
import type { Entry } from '../../protocol/files';
import type { ToWorker } from '../messages';
import type { Remote } from '../remote';
import type { Collected } from './collect';

export type JobKind = 'download' | 'upload' | 'create' | 'rename' | 'remove';
export interface Task {
  readonly id: number;
  readonly kind: JobKind;
  readonly name: string;
}

type Request = Extract<ToWorker, { do: JobKind }>;
// Omit keeps the members of a union apart only when it is distributed.
type Without<T> = T extends unknown ? Omit<T, 'id'> : never;

export const canPickFolder = 'showDirectoryPicker' in window;

interface Picker {
  showDirectoryPicker(o: { mode: 'readwrite' }):
  Promise<FileSystemDirectoryHandle>;
}

export class FileModel {
  readonly tasks = signal<readonly Task[]>([]);
  // This computer: the folders from the chosen one down to the shown one.
  readonly local = signal<readonly FileSystemDirectoryHandle[]>([]);
  readonly localEntries = signal<readonly Entry[]>([]);
  readonly showHidden = signal(false);
  private next = 1;

  constructor(readonly remote: Remote) {}

  get platform(): string {
    return this.remote.peer.value?.platform ?? '';
  }

  get path(): string {
    return this.remote.listing.value?.path ?? '';
  }

  list(path: string): void {
    this.remote.tell({ do: 'list', path, hidden: this.showHidden.value });
  }

  private request(kind: JobKind, name: string, m: Without<Request>): void {
    const id = this.next++;
    this.tasks.value = [...this.tasks.value, { id, kind, name }];
    this.remote.tell({ ...m, id } as Request);
  }

  // A finished job that changed what a pane shows.
  finished(kind: JobKind): void {
    if (kind === 'download')
      void this.readLocal();
    else
      this.list(this.path);
  }

  drop(id: number): void {
    this.tasks.value = this.tasks.value.filter((x) => x.id !== id);
  }

  // --- the device -----------------------------------------------------------

  at(name: string): string {
    return join(this.platform, this.path, name);
  }

  create(name: string): void {
    this.request('create', name, { do: 'create', path: this.at(name) });
  }

  rename(from: string, name: string): void {
    this.request('rename', name,
      { do: 'rename', path: this.at(from), name });
  }

  remove(entries: readonly Entry[]): void {
    for (const e of entries)
      this.request('remove', e.name, {
        do: 'remove', path: this.at(e.name), folder: e.kind !== 'file',
      });
  }

  download(entries: readonly Entry[]): void {
    const folder = this.local.value.at(-1);
    for (const e of entries) {
      const zip = e.kind !== 'file';
      this.request('download', e.name, {
        do: 'download', path: this.at(e.name), hidden: true,
        target: folder ? { kind: 'folder', folder }
          : { kind: 'save', name: zip ? `${e.name}.zip` : e.name, zip },
      });
    }
  }

  upload({ files, emptyFolders }: Collected): void {
    for (const folder of emptyFolders)
      this.create(folder);
    const [only] = files;
    if (files.length === 1 && only && !only.name.includes('/'))
      this.request('upload', only.name, {
        do: 'upload', path: this.at(only.name),
        files: [{ name: '', file: only.file }],
      });
    else if (only)
      this.request('upload', only.name.split('/')[0] ?? only.name,
        { do: 'upload', path: this.path, files });
  }

  // --- this computer --------------------------------------------------------

  async pickLocal(): Promise<void> {
    try {
      const folder = await (window as unknown as Picker)
        .showDirectoryPicker({ mode: 'readwrite' });
      this.local.value = [folder];
      await this.readLocal();
    } catch {
      // Nothing was chosen.
    }
  }

  async enterLocal(name: string): Promise<void> {
    const folder = await this.local.value.at(-1)?.getDirectoryHandle(name);
    if (folder)
      this.local.value = [...this.local.value, folder];
    await this.readLocal();
  }

  async backLocal(depth: number): Promise<void> {
    this.local.value = this.local.value.slice(0, depth);
    await this.readLocal();
  }

  async readLocal(): Promise<void> {
    const folder = this.local.value.at(-1);
    const entries: Entry[] = [];
    for await (const h of folder?.values() ?? []) {
      const file = h.kind === 'file'
        ? await (h as FileSystemFileHandle).getFile() : undefined;
      entries.push({
        name: h.name, kind: file ? 'file' : 'folder',
        hidden: h.name.startsWith('.'), size: file?.size ?? 0,
        modified: (file?.lastModified ?? 0) / 1000,
      });
    }
    this.localEntries.value = entries;
  }

  async localHandles(entries: readonly Entry[]):
  Promise<FileSystemHandle[]> {
    const folder = this.local.value.at(-1);
    return folder ? Promise.all(entries.map((e) => e.kind === 'file'
      ? folder.getFileHandle(e.name) : folder.getDirectoryHandle(e.name)))
      : [];
  }
}
