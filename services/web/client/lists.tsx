// What the home page lists: devices of before and, signed in, those that may
// be reached and those of the address books.
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

import { Button } from '../ui/controls';
import { sentence } from '../ui/errors';
import { relative } from '../ui/format';
import { Note } from '../ui/states';
import { useOnline } from './online';
import { forget, recents } from './profile';
import { accessible, books, entries, me } from './server';
import type { Book, Device } from './server';
import { t } from './texts';
import { find, Tiles } from './tiles';

// What is typed into the field of the id: the lists show what matches.
export const typed = signal('');

const before = signal(recents());
const devices = signal<readonly Device[]>([]);
const shelves = signal<readonly Book[]>([]);
// What was read of books, by guid.
const contents = signal<ReadonlyMap<string, readonly Device[]>>(new Map());
const failure = signal('');

const used = (): readonly Device[] => before.value.map((r) =>
  ({ ...r, note: r.at ? relative(r.at) : '' }));

async function load(): Promise<void> {
  failure.value = '';
  try {
    [devices.value, shelves.value] = await Promise.all([accessible(), books()]);
  } catch (e) {
    failure.value = sentence(e);
  }
}

async function open(book: Book): Promise<void> {
  try {
    const list = await entries(book);
    contents.value = new Map(contents.value).set(book.guid, list);
  } catch (e) {
    failure.value = sentence(e);
  }
}

function List({ title, of, children }: {
  title: string; of: readonly Device[]; children: ComponentChildren;
}) {
  return of.length === 0 ? null : (
    <section class="home-list" aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Shelf({ book }: { book: Book }) {
  const list = contents.value.get(book.guid);
  return (
    <details onToggle={(e) => {
      if (e.currentTarget.open)
        void open(book);
    }}>
      <summary><h2>{book.own ? t('home.ownBook') : book.name}</h2></summary>
      {list?.length === 0 && <p class="muted">{t('home.bookEmpty')}</p>}
      {list && <Tiles of={find(list, typed.value)} />}
    </details>
  );
}

export function Lists() {
  useEffect(() => {
    before.value = recents();
    void load();
  }, []);
  const last = find(used(), typed.value);
  const reach = find(devices.value, typed.value);
  const inBooks = [...contents.value.values()]
    .map((list) => find(list, typed.value));
  const ids = [last, reach, ...inBooks].flatMap((f) => f.shown)
    .map((d) => d.id);
  useOnline([...new Set(ids)]);
  const nothing = before.value.length === 0 && devices.value.length === 0;
  return (
    <>
      <List title={t('home.recent')} of={before.value.length ? last.shown : []}>
        <Tiles of={last}
          onForget={(id) => { forget(id); before.value = recents(); }} />
      </List>
      <List title={t('home.devices')} of={reach.shown}>
        <Tiles of={reach} />
      </List>
      {shelves.value.length > 0 && (
        <section class="home-books" aria-label={t('home.books')}>
          {shelves.value.map((b) => <Shelf key={b.guid} book={b} />)}
        </section>)}
      {failure.value && (
        <Note tone="bad" title={t('home.failed')} action={
          <Button onClick={() => void load()}>{t('home.again')}</Button>}>
          {failure.value}</Note>)}
      {nothing && !failure.value && (
        <p class="muted home-hint">
          {t(me.value ? 'home.emptySignedIn' : 'home.empty')}</p>)}
    </>
  );
}
