// API tokens: what a script may do, shown once.
import { Plus, Trash2 } from 'lucide';
import { useState } from 'preact/hooks';

import { Button, Copy, Time } from '../../ui/controls';
import { touch } from '../../ui/data';
import { ask, Dialog } from '../../ui/dialog';
import { TextField, useFormContext } from '../../ui/form';
import { list } from '../../ui/format';
import { api } from '../../ui/http';
import { LocalList, useAll } from '../../ui/list/list';
import type { Column } from '../../ui/list/table';
import type { Token } from '../../ui/model';
import { Empty, Note } from '../../ui/states';
import { FormDialog, required } from '../create';
import { fresh } from '../reauth';
import { t } from '../texts';

const PATH = '/api/tokens';
const AREAS = [
  'device', 'audit', 'user', 'group', 'strategy', 'address_book',
] as const;
const LEVELS = [0, 1, 2] as const;

function scopes(k: Token): string {
  return list(AREAS.filter((a) => (k.scopes[a] ?? 0) > 0).map((a) =>
    `${t(`tokens.area.${a}`)} (${t(k.scopes[a] === 2
      ? 'tokens.level.2' : 'tokens.level.1')})`));
}

function columns(): Column<Token>[] {
  return [
    { id: 'name', title: t('groups.name'), sort: 'name', cell: (k) => k.name,
      value: (k) => k.name },
    { id: 'scopes', title: t('tokens.scopes'), wide: true, phone: true,
      cell: scopes, value: scopes },
    { id: 'by', title: t('tokens.by'), cell: (k) => k.user_name,
      value: (k) => k.user_name },
    { id: 'expires', title: t('tokens.expires'), sort: 'expires',
      value: (k) => k.expires_at || '',
      cell: (k) => k.expires_at ? <Time at={k.expires_at} /> : t('ui.never') },
    { id: 'created', title: t('groups.created'), sort: 'created',
      value: (k) => k.created_at, cell: (k) => <Time at={k.created_at} /> },
  ];
}

function remove(k: Token): void {
  ask({
    title: t('tokens.deleteOne', { name: k.name }), danger: true,
    text: t('tokens.delete.text'), action: t('tokens.delete'),
    run: async () => {
      await fresh(() => api.remove(`${PATH}/${k.guid}`));
      touch(PATH);
    },
  });
}

function Scopes() {
  const form = useFormContext();
  const value = form.values['scopes'] as Record<string, number>;
  return (
    <div role="group" aria-label={t('tokens.scopes')}>
      {AREAS.map((a) => (
        <fieldset key={a} class="option">
          <legend>{t(`tokens.area.${a}`)}</legend>
          <div class="segments">
            {LEVELS.map((n) => (
              <label key={n}>
                <input type="radio" name={'scope-' + a}
                  checked={(value[a] ?? 0) === n}
                  onChange={() => form.set({ scopes: { ...value, [a]: n } })} />
                <span>{t(`tokens.level.${n}`)}</span>
              </label>
            ))}
          </div>
        </fieldset>
      ))}
      {form.errors['scopes'] && (
        <p class="error">{form.errors['scopes']}</p>)}
    </div>
  );
}

function CreateToken({ onClose, onMade }: {
  onClose: () => void; onMade: (token: string) => void;
}) {
  return (
    <FormDialog title={t('tokens.create')} action={t('tokens.create')} wide
      initial={{ name: '', days: '', scopes: {} as Record<string, number> }}
      onClose={onClose}
      check={(v) => ({ name: required(v.name),
        scopes: !Object.values(v.scopes).some((n) => n > 0)
          && t('tokens.needScope') })}
      save={async (v) => {
        const made = await fresh(() => api.post<Token & { token: string }>(PATH,
          { name: v.name, scopes: v.scopes, ...v.days ? { expires_at:
            Math.floor(Date.now() / 1000) + Number(v.days) * 86400 } : {} }));
        touch(PATH);
        onMade(made.token);
      }}>
      <TextField name="name" label={t('groups.name')} autofocus
        help={t('tokens.name.help')} />
      <TextField name="days" label={t('tokens.days')} type="number" min={1}
        suffix={t('settings.days')} help={t('tokens.days.help')} />
      <Scopes />
    </FormDialog>
  );
}

export function TokenSettings() {
  const data = useAll<Token>(PATH);
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState('');
  const add = <Button kind="primary" icon={Plus} onClick={() => setOpen(true)}>
    {t('tokens.create')}</Button>;
  return (
    <>
      <LocalList<Token> id="tokens" label={t('settings.tokens')} data={data}
        columns={columns()} keyOf={(k) => k.guid} nameOf={(k) => k.name}
        bar={add} menu={(k) => [{ label: t('tokens.delete') + '…',
          icon: Trash2, danger: true, run: () => remove(k) }]}
        empty={<Empty title={t('tokens.empty')} action={add}>
          {t('tokens.empty.text')}</Empty>} />
      {open && <CreateToken onClose={() => setOpen(false)} onMade={setMade} />}
      {made && (
        <Dialog title={t('tokens.made')} onClose={() => setMade('')} foot={
          <Button kind="primary" onClick={() => setMade('')}>
            {t('tokens.kept')}</Button>}>
          <Note tone="warn">{t('tokens.once')}</Note>
          <Copy block text={made} />
        </Dialog>
      )}
    </>
  );
}
