// With whom an address book is shared, and how far.
import { X } from 'lucide';

import { Button, IconButton } from '../../ui/controls';
import { touch } from '../../ui/data';
import { Form, SelectField, useForm } from '../../ui/form';
import { api } from '../../ui/http';
import { useAll } from '../../ui/list/list';
import type { Book, BookRule } from '../../ui/model';
import { PickField } from '../../ui/picker';
import { Loaded } from '../../ui/states';
import { act } from '../act';
import { required } from '../create';
import { findUser, findUserGroup } from '../find';
import { t } from '../texts';

const LEVELS = [1, 2, 3] as const;

const levels = () => LEVELS.map((n) => ({
  value: String(n), label: t(`books.level.${n}`) }));

const who = (r: BookRule) => r.user ? r.user
  : r.group ? t('books.groupNamed', { name: r.group }) : t('books.everybody');

function Row({ book, r, paths }: {
  book: Book; r: BookRule; paths: readonly string[];
}) {
  const level = (rule: number) => api.patch('/api/ab/rule',
    { guid: r.guid, rule });
  const again = () => api.post('/api/ab/rule', { guid: book.guid, rule: r.rule,
    ...r.user ? { user: r.user } : r.group ? { group: r.group } : {} });
  return (
    <li>
      <span>{who(r)}</span>
      <select aria-label={t('books.levelOf', { name: who(r) })}
        value={String(r.rule)} onChange={(e) => void act({
          run: () => level(Number(e.currentTarget.value)),
          undo: () => level(r.rule), said: t('books.shareSaved'), paths })}>
        {levels().map((l) => (
          <option key={l.value} value={l.value}>{l.label}</option>))}
      </select>
      <IconButton icon={X} label={t('ui.removeNamed', { name: who(r) })}
        onClick={() => void act({ run: () => api.remove('/api/ab/rules',
          [r.guid]), undo: again, said: t('books.shareRemoved'), paths })} />
    </li>
  );
}

function Share({ book, paths }: { book: Book; paths: readonly string[] }) {
  const form = useForm(undefined, { kind: 'group', name: '', rule: '1' },
    async (v) => {
      await api.post('/api/ab/rule', { guid: book.guid, rule: Number(v.rule),
        ...v.kind === 'user' ? { user: v.name }
          : v.kind === 'group' ? { group: v.name } : {} });
      touch(...paths);
    }, (v) => ({ name: v.kind !== 'everyone' && required(v.name) }));
  const find = form.values.kind === 'user' ? findUser : findUserGroup;
  return (
    <Form of={form} label={t('books.share')}>
      <div class="pair">
        <SelectField name="kind" label={t('books.shareWith')} options={[
          { value: 'group', label: t('books.aGroup') },
          { value: 'user', label: t('books.aUser') },
          { value: 'everyone', label: t('books.everybody') }]} />
        {form.values.kind !== 'everyone' && (
          <PickField key={form.values.kind} name="name" find={find}
            label={t('groups.name')} />)}
        <SelectField name="rule" label={t('books.level')} options={levels()} />
      </div>
      <div><Button type="submit" kind="primary" busy={form.saving}>
        {t('books.share')}</Button></div>
    </Form>
  );
}

export function Sharing({ book }: { book: Book }) {
  const path = `/api/ab/rules?ab=${encodeURIComponent(book.guid)}`;
  const data = useAll<BookRule>(path);
  const paths = ['/api/ab/rules'];
  return (
    <div class="stack narrow">
      <p class="muted">{t('books.sharing.text')}</p>
      <Loaded data={data} lines={2}>
        {(rules) => rules.length === 0
          ? <p>{t('books.notShared')}</p>
          : <ul class="rows">
            {rules.map((r) => (
              <Row key={r.guid} book={book} r={r} paths={paths} />))}
          </ul>}
      </Loaded>
      <Share book={book} paths={paths} />
    </div>
  );
}
