// The devices of an address book, and its recycle bin.
import { MonitorPlay, Pencil, Plus, RotateCcw, Trash2 } from 'lucide';
import { useState } from 'preact/hooks';

import { Button, DeviceId } from '../../ui/controls';
import { touch } from '../../ui/data';
import { ask } from '../../ui/dialog';
import { deviceId } from '../../ui/format';
import { TextField, useFormContext } from '../../ui/form';
import { api } from '../../ui/http';
import { type ChosenRows, LocalList, ServerList, useAll } from '../../ui/list/list';
import type { Column } from '../../ui/list/table';
import type { Book, BookEntry, Tag } from '../../ui/model';
import { Empty } from '../../ui/states';
import { fail } from '../../ui/toast';
import { act } from '../act';
import { FormDialog, required } from '../create';
import { ImportButton } from '../import';
import { t } from '../texts';
import { TagWords } from './tags';

const name = (e: BookEntry) => e.alias || e.hostname || deviceId(e.id);

function columns(tags: readonly Tag[]): Column<BookEntry>[] {
  return [
    { id: 'name', title: t('devices.name'), wide: true, cell: name,
      value: name },
    { id: 'id', title: t('devices.id'), phone: true, value: (e) => e.id,
      cell: (e) => <DeviceId id={e.id} /> },
    { id: 'tags', title: t('books.tags'), value: (e) => e.tags.join(' '),
      cell: (e) => <TagWords names={e.tags} all={tags} /> },
    { id: 'user', title: t('devices.username'), cell: (e) => e.username,
      value: (e) => e.username },
    { id: 'platform', title: t('devices.os'), cell: (e) => e.platform,
      value: (e) => e.platform },
    { id: 'note', title: t('devices.note'), cell: (e) => e.note,
      value: (e) => e.note },
  ];
}

function TagBoxes({ tags }: { tags: readonly Tag[] }) {
  const form = useFormContext();
  const chosen = form.values['tags'] as string[];
  if (tags.length === 0)
    return null;
  return (
    <fieldset class="field">
      <legend>{t('books.tags')}</legend>
      <div class="check-grid">
        {tags.map((tag) => (
          <label key={tag.name} class="check">
            <input type="checkbox" checked={chosen.includes(tag.name)}
              onChange={(e) => form.set({ tags: e.currentTarget.checked
                ? [...chosen, tag.name]
                : chosen.filter((x) => x !== tag.name) })} />
            <span>{tag.name}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function EntryDialog({ book, entry, tags, personal, onClose }: {
  book: Book; entry: BookEntry | undefined; tags: readonly Tag[];
  personal: boolean; onClose: () => void;
}) {
  return (
    <FormDialog title={t(entry ? 'books.editEntry' : 'books.addEntry')}
      action={t(entry ? 'ui.save' : 'books.addEntry')} onClose={onClose}
      initial={{ id: entry?.id ?? '', alias: entry?.alias ?? '', password: '',
        note: entry?.note ?? '', tags: entry?.tags ?? [] }}
      check={(v) => ({ id: required(v.id) })}
      save={async (v) => {
        const { password, ...rest } = v;
        const body = { ...rest, id: v.id.replace(/\s/g, ''),
          ...password ? { password } : {} };
        await (entry ? api.put(`/api/ab/peer/update/${book.guid}`, body)
          : api.post(`/api/ab/peer/add/${book.guid}`, body));
        touch('/api/ab/peers');
      }}>
      {!entry && <TextField name="id" label={t('books.entryId')} mono autofocus
        help={t('books.entryId.help')} />}
      <TextField name="alias" label={t('books.alias')} />
      {!personal && (
        <TextField name="password" label={t('books.password')} type="password"
          help={t('books.password.help')} />)}
      <TagBoxes tags={tags} />
      <TextField name="note" label={t('devices.note')} lines={2} />
    </FormDialog>
  );
}

function remove(book: Book, list: readonly BookEntry[], done: () => void): void {
  const ids = list.map((e) => e.id);
  void act({
    run: () => api.remove(`/api/ab/peer/${book.guid}`, ids),
    undo: () => api.post(`/api/ab/bin/restore/${book.guid}`, ids),
    said: t('books.entriesRemoved', { n: ids.length }),
    paths: ['/api/ab/peers', '/api/ab/bin'],
  }).then((ok) => { if (ok) done(); });
}

export function Entries({ book, tags, edit, personal }: {
  book: Book; tags: readonly Tag[]; edit: boolean; personal: boolean;
}) {
  const [open, setOpen] = useState<BookEntry | 'new' | undefined>();
  const add = edit && (
    <Button kind="primary" icon={Plus} onClick={() => setOpen('new')}>
      {t('books.addEntry')}</Button>);
  const bar = edit && <>
    <ImportButton of={{ title: t('books.import'),
      path: `/api/ab/import/${book.guid}`,
      columns: 'id, alias, tags, note, username, hostname, platform'
        + (personal ? '' : ', password'),
      paths: ['/api/ab/peers', '/api/ab/tags'], note: t('books.import.note') }} />
    {add}
  </>;
  const bulk = (chosen: ChosenRows<BookEntry>) => (
    <Button icon={Trash2} onClick={() => {
      chosen.rows().then((rows) => remove(book, rows, chosen.clear), fail);
    }}>{t('ui.remove')}</Button>
  );
  return (
    <>
      <ServerList<BookEntry> id="book" label={t('books.entries')}
        path="/api/ab/peers" fixed={{ ab: book.guid }} search="alias" like
        columns={columns(tags)} keyOf={(e) => e.id} nameOf={name}
        searchLabel={t('books.searchEntries')} bar={bar}
        exportPath={`/api/ab/export/${book.guid}`}
        {...edit ? { bulk, open: (e: BookEntry) => setOpen(e) } : {}}
        csvName={book.name}
        menu={(e) => [
          { label: t('devices.connect'), icon: MonitorPlay,
            href: `rustdesk://${e.id}` },
          edit && { label: t('books.editEntry') + '…', icon: Pencil,
            run: () => setOpen(e) },
          edit && { label: t('ui.remove'), icon: Trash2, danger: true,
            run: () => remove(book, [e], () => undefined) },
        ]}
        empty={<Empty title={t('books.noEntries')} action={add}>
          {t('books.noEntries.text')}</Empty>} />
      {open && <EntryDialog book={book} tags={tags} personal={personal}
        entry={open === 'new' ? undefined : open}
        onClose={() => setOpen(undefined)} />}
    </>
  );
}

export function Bin({ book }: { book: Book }) {
  const path = '/api/ab/bin/' + book.guid;
  const paths = [path, '/api/ab/peers'];
  const data = useAll<BookEntry>(path);
  const restore = (list: readonly BookEntry[], done: () => void) => {
    const ids = list.map((e) => e.id);
    void act({
      run: () => api.post(`/api/ab/bin/restore/${book.guid}`, ids),
      undo: () => api.remove(`/api/ab/peer/${book.guid}`, ids),
      said: t('books.restored', { n: ids.length }), paths,
    }).then((ok) => { if (ok) done(); });
  };
  const drop = (list: readonly BookEntry[], done: () => void) => ask({
    title: t('books.deleteForGood'), danger: true,
    text: t('books.deleteForGood.text', { n: list.length }),
    action: t('books.deleteForGood'),
    run: async () => {
      await api.remove(path, list.map((e) => e.id));
      touch(...paths);
      done();
    },
  });
  const none = () => undefined;
  return (
    <LocalList<BookEntry> id="bin" label={t('books.bin')} data={data}
      searchLabel={t('books.searchEntries')}
      columns={columns([]).filter((c) => c.id !== 'tags')}
      keyOf={(e) => e.id} nameOf={name}
      menu={(e) => [
        { label: t('books.restore'), icon: RotateCcw,
          run: () => restore([e], none) },
        { label: t('books.deleteForGood') + '…', icon: Trash2, danger: true,
          run: () => drop([e], none) }]}
      bulk={(chosen) => <>
        <Button icon={RotateCcw} onClick={() => {
          chosen.rows().then((r) => restore(r, chosen.clear), fail);
        }}>{t('books.restore')}</Button>
        <Button icon={Trash2} onClick={() => {
          chosen.rows().then((r) => drop(r, chosen.clear), fail);
        }}>{t('books.deleteForGood')}…</Button>
      </>}
      empty={<Empty title={t('books.emptyBin')}>
        {t('books.emptyBin.text')}</Empty>} />
  );
}
