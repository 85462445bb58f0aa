// Address books: the own one, and those shared with somebody.
import { Plus, Trash2 } from 'lucide';

import { Badge, Button } from '../../ui/controls';
import { touch, useData } from '../../ui/data';
import { ask } from '../../ui/dialog';
import { Form, SaveBar, TextField, useForm } from '../../ui/form';
import { api } from '../../ui/http';
import { LocalList, useAll } from '../../ui/list/list';
import type { Column } from '../../ui/list/table';
import { type Items, MoreMenu } from '../../ui/menu';
import type { Book, Tag } from '../../ui/model';
import { PickField } from '../../ui/picker';
import { go, type Params, place, setQuery } from '../../ui/router';
import { Loaded } from '../../ui/states';
import { Tabs } from '../../ui/tabs';
import { act } from '../act';
import { Bin, Entries } from '../books/entries';
import { Sharing } from '../books/sharing';
import { Tags } from '../books/tags';
import { FormDialog, required } from '../create';
import { findUser } from '../find';
import { Page } from '../page';
import { can } from '../session';
import { type Key, t } from '../texts';

const SHARED = '/api/ab/shared/profiles';
const WRITE = 2;
const FULL = 3;

function columns(own: string | undefined): Column<Book>[] {
  return [
    { id: 'name', title: t('books.name'), sort: 'name', wide: true,
      cell: (b) => b.name, value: (b) => b.name },
    { id: 'owner', title: t('books.owner'), phone: true, sort: 'owner',
      cell: (b) => b.guid === own
        ? <Badge tone="accent">{t('books.mine')}</Badge> : b.owner,
      value: (b) => b.owner },
    { id: 'level', title: t('books.level'), value: (b) => b.rule,
      cell: (b) => t(`books.level.${b.rule}` as Key) },
    { id: 'note', title: t('devices.note'), cell: (b) => b.note,
      value: (b) => b.note },
  ];
}

function remove(b: Book): void {
  ask({
    title: t('books.deleteOne', { name: b.name }), danger: true, typed: b.name,
    text: t('books.delete.text'), action: t('books.delete'),
    run: async () => {
      await api.remove('/api/ab/shared', [b.guid]);
      touch(SHARED);
      go('/books');
    },
  });
}

function menu(b: Book, own: string | undefined): Items {
  return [b.rule === FULL && b.guid !== own && {
    label: t('books.delete') + '…', icon: Trash2, danger: true,
    run: () => remove(b) }];
}

function Create() {
  const open = place.value.query.get('new') === '1';
  return (
    <>
      <Button kind="primary" icon={Plus} onClick={() => setQuery({ new: '1' })}>
        {t('books.create')}</Button>
      {open && (
        <FormDialog title={t('books.create')} action={t('books.create')}
          initial={{ name: '', note: '' }}
          onClose={() => setQuery({ new: undefined })}
          check={(v) => ({ name: required(v.name) })}
          save={async (v) => {
            const b = await api.post<{ guid: string }>('/api/ab/shared/add', v);
            touch(SHARED);
            go('/books/' + b.guid);
          }}>
          <p>{t('books.create.text')}</p>
          <TextField name="name" label={t('books.name')} autofocus />
          <TextField name="note" label={t('devices.note')} lines={2} />
        </FormDialog>
      )}
    </>
  );
}

function useBooks() {
  const own = useData<Book>('/api/ab/personal');
  const shared = useAll<Book>(SHARED);
  const mine = own.value && { ...own.value, name: t('books.personal') };
  const value = mine && shared.value ? [mine, ...shared.value] : undefined;
  return { own: own.value?.guid,
    data: { ...shared, value, error: shared.error ?? own.error } };
}

function List() {
  const { own, data } = useBooks();
  return (
    <Page title={t('nav.books')}>
      <LocalList<Book> id="books" label={t('nav.books')} data={data}
        columns={columns(own)} keyOf={(b) => b.guid} nameOf={(b) => b.name}
        href={(b) => '/books/' + b.guid} menu={(b) => menu(b, own)}
        searchLabel={t('books.search')} bar={<Create />} empty={<Create />} />
    </Page>
  );
}

function About({ b }: { b: Book }) {
  const before = { name: b.name, note: b.note ?? '', owner: b.owner,
    password: '' };
  const form = useForm('book:' + b.guid, before, async (_v, changed) => {
    const { password, ...rest } = changed;
    const write = (body: object) => api.put('/api/ab/shared/update/profile',
      { guid: b.guid, ...body });
    await write({ ...rest, ...password ? { info: { password } } : {} });
    await act({ run: async () => undefined, said: t('books.saved'),
      paths: [SHARED],
      undo: () => write({ name: b.name, note: b.note ?? '', owner: b.owner }) });
  });
  return (
    <div class="narrow">
      <Form of={form} label={t('books.about')}>
        <TextField name="name" label={t('books.name')} />
        <TextField name="note" label={t('devices.note')} lines={2} />
        {can('users.view') && (
          <PickField name="owner" label={t('books.owner')} find={findUser} />)}
        <TextField name="password" label={t('books.bookPassword')}
          type="password" help={t(b.info?.password
            ? 'books.bookPassword.set' : 'books.bookPassword.help')} />
        <SaveBar action={t('books.save')} />
      </Form>
    </div>
  );
}

function One({ guid }: { guid: string }) {
  const { own, data } = useBooks();
  const tags = useData<Tag[]>('/api/ab/tags/' + encodeURIComponent(guid));
  const b = data.value?.find((x) => x.guid === guid);
  const personal = guid === own;
  const full = b?.rule === FULL && !personal;
  const edit = (b?.rule ?? 0) >= WRITE;
  const tabs: [string, Key][] = [['', 'books.entries'], ['tags', 'books.tags'],
    ...full ? [['sharing', 'books.sharing']] as [string, Key][] : [],
    ...edit ? [['bin', 'books.bin']] as [string, Key][] : [],
    ...full ? [['about', 'books.about']] as [string, Key][] : []];
  const asked = place.value.query.get('tab');
  const tab = tabs.find(([id]) => id === asked)?.[0] ?? '';
  return (
    <Page title={b?.name ?? t('nav.books')}
      parents={[{ href: '/books', label: t('nav.books') }]}>
      <div class="buttons between">
        <Tabs label={b?.name ?? ''} of={tabs.map(([id, key]) => ({
          href: `/books/${guid}${id && '?tab=' + id}`, label: t(key),
          here: tab === id }))} />
        {b && <MoreMenu name={b.name} items={menu(b, own)} />}
      </div>
      <Loaded data={tags.error ? { ...data, error: tags.error,
        value: undefined } : data}>
        {() => !b ? null
          : tab === 'tags'
            ? <Tags guid={guid} tags={tags.value ?? []} edit={edit} />
            : tab === 'sharing' ? <Sharing book={b} />
              : tab === 'bin' ? <Bin book={b} />
                : tab === 'about' ? <About key={b.guid} b={b} />
                  : <Entries book={b} tags={tags.value ?? []} edit={edit}
                    personal={personal} />}
      </Loaded>
    </Page>
  );
}

export default function Books({ params }: { params: Params }) {
  return params['guid'] ? <One guid={params['guid']} /> : <List />;
}
