// Files: this computer and the device side by side, what is under way below.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ArrowLeft, ArrowRight, ArrowUp, Download, Eye, FolderOpen,
  FolderPlus, LogOut, Pencil, RefreshCw, Trash2, Upload } from 'lucide';

import { Button, IconButton } from '../../ui/controls';
import { ask } from '../../ui/dialog';
import { deviceId, number } from '../../ui/format';
import { Icon } from '../../ui/icon';
import { fail } from '../../ui/toast';
import type { Entry } from '../../protocol/files';
import { crumbs, parent } from '../../protocol/paths';
import { closeUse } from '../open';
import { Phases } from '../phases';
import { save } from '../save';
import { Switcher } from '../switcher';
import { t } from '../texts';
import type { ViewProps } from '../workspace';
import { fromDrop, fromField, fromHandles } from './collect';
import type { Collected } from './collect';
import { canPickFolder, FileModel } from './model';
import { List } from './pane';
import { Name, Replace } from './questions';
import { Queue } from './queue';

const NONE: ReadonlySet<string> = new Set();
const picked = (entries: readonly Entry[], names: ReadonlySet<string>) =>
  entries.filter((e) => names.has(e.name));

const send = (model: FileModel, from: Collected | Promise<Collected>) =>
  void Promise.resolve(from).then((c) => model.upload(c)).catch(fail);

// Where a browser cannot show a folder: files are chosen or dropped.
function Drop({ model }: { model: FileModel }) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement) => {
    if (input.files)
      send(model, fromField(input.files));
    input.value = '';
  };
  return (
    <div class="drop">
      <Icon of={Upload} size={20} />
      <p>{t('files.drop')}</p>
      <div class="buttons">
        {canPickFolder && (
          <Button kind="primary" icon={FolderOpen}
            onClick={() => void model.pickLocal()}>
            {t('files.pick')}
          </Button>
        )}
        <Button icon={Upload} onClick={() => files.current?.click()}>
          {t('files.chooseFiles')}
        </Button>
        <Button icon={Upload} onClick={() => folder.current?.click()}>
          {t('files.chooseFolder')}
        </Button>
      </div>
      <p class="muted small">{t('files.saveHelp')}</p>
      <input ref={files} type="file" multiple hidden
        aria-label={t('files.chooseFiles')}
        onChange={(e) => take(e.currentTarget)} />
      <input ref={folder} type="file" hidden {...{ webkitdirectory: true }}
        aria-label={t('files.chooseFolder')}
        onChange={(e) => take(e.currentTarget)} />
    </div>
  );
}

function Local({ model }: { model: FileModel }) {
  const [chosen, choose] = useState(NONE);
  const path = model.local.value;
  const entries = model.localEntries.value;
  useEffect(() => choose(NONE), [path]);
  const upload = () => send(model,
    model.localHandles(picked(entries, chosen)).then(fromHandles));
  return (
    <section class="pane" aria-label={t('files.here')}>
      <header>
        <h2>{t('files.here')}</h2>
        <span class="grow" />
        {path.length > 0 && (
          <>
            <IconButton small icon={FolderOpen} label={t('files.pick')}
              onClick={() => void model.pickLocal()} />
            <Button small kind="primary" icon={ArrowRight}
              disabled={chosen.size === 0} onClick={upload}>
              {t('files.upload')}
            </Button>
          </>
        )}
      </header>
      {path.length === 0 ? <Drop model={model} /> : (
        <>
          <nav class="crumbs" aria-label={t('files.path')}>
            {path.map((folder, i) => (
              <button key={i} type="button" class="crumb"
                aria-current={i === path.length - 1 ? 'page' : undefined}
                onClick={() => void model.backLocal(i + 1)}>
                {folder.name}
              </button>
            ))}
          </nav>
          <List label={t('files.here')} entries={entries} chosen={chosen}
            choose={choose}
            open={(e) => {
              if (e.kind !== 'file')
                void model.enterLocal(e.name).catch(fail);
            }}
            up={() => void model.backLocal(Math.max(1, path.length - 1))} />
        </>
      )}
    </section>
  );
}

// The path as links, and as text to type into.
function Path({ model }: { model: FileModel }) {
  const [typing, setTyping] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  const { path, platform } = model;
  useEffect(() => field.current?.focus(), [typing !== undefined]);
  if (typing !== undefined)
    return (
      <form class="crumbs" onSubmit={(e) => {
        e.preventDefault();
        model.list(typing);
        setTyping(undefined);
      }}>
        <input ref={field} class="mono" value={typing} spellcheck={false}
          aria-label={t('files.path')} onBlur={() => setTyping(undefined)}
          onInput={(e) => setTyping(e.currentTarget.value)} />
      </form>
    );
  const all = crumbs(platform, path);
  return (
    <nav class="crumbs" aria-label={t('files.path')}>
      {all.map((c, i) => (
        <button key={c.path} type="button"
          class={c.name === '/' ? 'crumb root' : 'crumb'}
          aria-current={i === all.length - 1 ? 'page' : undefined}
          onClick={() => model.list(c.path)}>
          {c.name}
        </button>
      ))}
      <IconButton small icon={Pencil} label={t('files.typePath')}
        onClick={() => setTyping(path)} />
    </nav>
  );
}

type Asking = 'create' | 'rename' | undefined;

function DevicePane({ model }: { model: FileModel }) {
  const [chosen, choose] = useState(NONE);
  const [asking, setAsking] = useState<Asking>();
  const listing = model.remote.listing.value;
  const entries = listing?.entries ?? [];
  const selected = picked(entries, chosen);
  const hidden = model.showHidden;
  const up = parent(model.platform, model.path);
  useEffect(() => choose(NONE), [listing?.path]);
  const remove = () => ask({
    title: t('files.removeTitle', { n: selected.length }),
    text: t('files.removeText'), action: t('files.remove'), danger: true,
    run: async () => model.remove(selected),
  });
  return (
    <section class="pane" aria-label={t('files.there')}
      onDragOver={(e) => e.preventDefault()}
      onDrop={(e) => {
        e.preventDefault();
        if (e.dataTransfer)
          send(model, fromDrop(e.dataTransfer));
      }}>
      <header>
        <Button small kind="primary" disabled={selected.length === 0}
          icon={model.local.value.length > 0 ? ArrowLeft : Download}
          onClick={() => model.download(selected)}>
          {t('files.download')}
        </Button>
        <h2>{t('files.there')}</h2>
        <span class="grow" />
        <IconButton small icon={ArrowUp} label={t('files.up')}
          disabled={up === undefined}
          onClick={() => { if (up !== undefined) model.list(up); }} />
        <IconButton small icon={FolderPlus} label={t('files.create')}
          onClick={() => setAsking('create')} />
        <IconButton small icon={Pencil} label={t('files.rename')}
          disabled={selected.length !== 1}
          onClick={() => setAsking('rename')} />
        <IconButton small icon={Trash2} label={t('files.remove')}
          disabled={selected.length === 0} onClick={remove} />
        <IconButton small icon={Eye} label={t('files.hidden')}
          aria-pressed={hidden.value} onClick={() => {
            hidden.value = !hidden.value;
            model.list(model.path);
          }} />
        <IconButton small icon={RefreshCw} label={t('files.refresh')}
          onClick={() => model.list(model.path)} />
      </header>
      <Path model={model} />
      <List label={t('files.there')} entries={entries} chosen={chosen}
        choose={choose}
        open={(e) => {
          if (e.kind !== 'file')
            model.list(model.at(e.name));
        }}
        up={() => { if (up !== undefined) model.list(up); }} />
      {asking === 'create' && (
        <Name title={t('files.create')} action={t('files.createDo')} value=""
          close={() => setAsking(undefined)}
          done={(name) => model.create(name)} />
      )}
      {asking === 'rename' && selected[0] && (
        <Name title={t('files.rename')} action={t('files.rename')}
          value={selected[0].name} close={() => setAsking(undefined)}
          done={(name) => model.rename(selected[0]!.name, name)} />
      )}
    </section>
  );
}

// Out of the browser's own storage into the user's downloads.
async function handOut(name: string, stored: string): Promise<void> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle('downloads');
  const handle = await folder.getFileHandle(stored);
  save(await handle.getFile(), name);
}

// What an earlier visit left there was not whole or has been handed out.
async function tidy(): Promise<void> {
  try {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry('downloads', { recursive: true });
  } catch {
    // There was nothing, or another tab is using it.
  }
}

export function Files({ remote, use, hidden }: ViewProps) {
  const made = useRef<FileModel | undefined>(undefined);
  made.current ??= new FileModel(remote);
  const model = made.current;
  const live = remote.phase.value.phase === 'live';
  useEffect(() => {
    void tidy();
    remote.onStored = (name, stored) =>
      void handOut(name, stored).catch(fail);
  }, [remote]);
  useEffect(() => {
    if (live && remote.listing.value)
      model.list(model.path);
  }, [live]);
  const count = model.tasks.value.length;
  return (
    <div class="view files" hidden={hidden}>
      <header class="view-top">
        <strong class="view-name">
          {remote.peer.value?.hostname ?? deviceId(remote.shared.id)}
        </strong>
        <Switcher use={use} />
        <span class="grow" />
        <span class="sr" role="status">
          {count > 0 && t('queue.count', { n: number(count) })}
        </span>
        <IconButton icon={LogOut} label={t('toolbar.end')}
          onClick={() => closeUse(use)} />
      </header>
      <div class="panes">
        <Local model={model} />
        <DevicePane model={model} />
      </div>
      <Queue model={model} />
      <Replace remote={remote} />
      <Phases remote={remote} use={use} />
    </div>
  );
}
