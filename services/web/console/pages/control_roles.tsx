// What somebody may do during a session.
import { Plus, Trash2 } from 'lucide';

import { Badge, Button, State } from '../../ui/controls';
import { touch } from '../../ui/data';
import { ask } from '../../ui/dialog';
import { CheckField, Form, SaveBar, TextField, useForm } from '../../ui/form';
import { list } from '../../ui/format';
import { api } from '../../ui/http';
import { LocalList, useAll } from '../../ui/list/list';
import type { Column } from '../../ui/list/table';
import { type Items, MoreMenu } from '../../ui/menu';
import type { ControlRole, Tri } from '../../ui/model';
import { go, type Params, place, setQuery } from '../../ui/router';
import { Empty, Note } from '../../ui/states';
import { AccessChange } from '../access_change';
import { act } from '../act';
import { FormDialog, required } from '../create';
import { Page, Panel } from '../page';
import { can } from '../session';
import { type Key, t } from '../texts';

const PATH = '/api/control-roles';

export const PERMISSIONS = ['keyboard', 'clipboard', 'file', 'audio', 'camera',
  'terminal', 'tunnel', 'remote_printer', 'restart', 'recording',
  'block_input', 'privacy_mode', 'remote_modify'] as const;

const permName = (p: string) => t(`perm.${p}` as Key);

export function roleName(r: ControlRole): string {
  return r.builtin ? t(`controlRoles.builtin.${r.builtin}` as Key) : r.name;
}

function summary(r: ControlRole, tri: Tri): string {
  return list(PERMISSIONS.filter((p) => r.permissions[p] === tri)
    .map(permName));
}

function RoleState({ r }: { r: ControlRole }) {
  return r.enabled ? <State tone="good">{t('strategies.isOn')}</State>
    : <State tone="off">{t('strategies.isOff')}</State>;
}

function columns(): Column<ControlRole>[] {
  return [
    { id: 'name', title: t('controlRoles.name'), sort: 'name',
      cell: (r) => <>{roleName(r)} {r.builtin && (
        <Badge>{t('controlRoles.isBuiltin')}</Badge>)}</>, value: roleName },
    { id: 'state', title: t('strategies.state'), phone: true,
      cell: (r) => <RoleState r={r} />, value: (r) => r.enabled },
    { id: 'allowed', title: t('controlRoles.always'), value: (r) =>
      summary(r, 'enable'), cell: (r) => summary(r, 'enable') },
    { id: 'forbidden', title: t('controlRoles.never'), value: (r) =>
      summary(r, 'disable'), cell: (r) => summary(r, 'disable') },
    { id: 'note', title: t('strategies.note'), cell: (r) => r.note,
      value: (r) => r.note },
  ];
}

function menu(r: ControlRole): Items {
  return [
    can('control-roles.edit') && !r.builtin && {
      label: t('controlRoles.delete') + '…', icon: Trash2, danger: true,
      run: () => ask({
        title: t('controlRoles.deleteOne', { name: r.name }), danger: true,
        text: t('controlRoles.delete.text'), action: t('controlRoles.delete'),
        more: <AccessChange of={r.guid} calls={() => [
          { method: 'DELETE', path: `${PATH}/${r.guid}` }]} />,
        run: async () => {
          await api.remove(`${PATH}/${r.guid}`);
          touch(PATH);
          go('/control-roles');
        },
      }) },
  ];
}

const TRIS: readonly Tri[] = ['unset', 'enable', 'disable'];

function Matrix({ value, set, readOnly }: {
  value: Record<string, Tri>; set: (now: Record<string, Tri>) => void;
  readOnly: boolean;
}) {
  return (
    <div class="matrix" role="group" aria-label={t('controlRoles.permissions')}>
      {PERMISSIONS.map((p) => (
        <fieldset key={p} class="option">
          <legend>{permName(p)}</legend>
          <div class="segments">
            {TRIS.map((tri) => (
              <label key={tri}>
                <input type="radio" name={'p-' + p} disabled={readOnly}
                  checked={(value[p] ?? 'unset') === tri}
                  onChange={() => set({ ...value, [p]: tri })} />
                <span>{t(`tri.${tri}`)}</span>
              </label>
            ))}
          </div>
        </fieldset>
      ))}
    </div>
  );
}

// Name and note change no access.
function Preview({ r, changed }: {
  r: ControlRole; changed: Partial<ControlRole>;
}) {
  const { name, note, ...body } = changed;
  if (Object.keys(body).length === 0)
    return null;
  return <AccessChange of={JSON.stringify(body)} calls={() => [
    { method: 'PATCH', path: `${PATH}/${r.guid}`, body }]} />;
}

function Editor({ r }: { r: ControlRole }) {
  const before = { name: r.name, note: r.note, enabled: r.enabled,
    permissions: r.permissions };
  const form = useForm('control-role:' + r.guid, before, async (_v, changed) => {
    const write = (body: object, ifMatch?: string) =>
      api.patch(`${PATH}/${r.guid}`, body, { ifMatch });
    await write(changed, r.etag);
    await act({ run: async () => undefined,
      undo: () => write(r.builtin ? { ...before, name: undefined } : before),
      said: t('controlRoles.saved', { name: roleName(r) }), paths: [PATH] });
  });
  const readOnly = !can('control-roles.edit');
  return (
    <Form of={form} label={roleName(r)}>
      {r.builtin && <Note>
        {t(`controlRoles.${r.builtin}.text` as Key)}</Note>}
      {!readOnly && <>
        {!r.builtin && <TextField name="name" label={t('controlRoles.name')} />}
        <TextField name="note" label={t('strategies.note')} />
        <CheckField name="enabled" label={t('controlRoles.enabled')}
          help={t('controlRoles.enabled.help')} />
      </>}
      <Matrix value={form.values.permissions} readOnly={readOnly}
        set={(permissions) => form.set({ permissions })} />
      <p class="help">{t('controlRoles.help')}</p>
      {!readOnly && <Preview r={r} changed={form.changed} />}
      {!readOnly && <div class="sticky-save">
        <SaveBar action={t('controlRoles.save')} /></div>}
    </Form>
  );
}

function Create() {
  const open = place.value.query.get('new') === '1';
  if (!can('control-roles.edit'))
    return null;
  return (
    <>
      <Button kind="primary" icon={Plus} onClick={() => setQuery({ new: '1' })}>
        {t('controlRoles.create')}</Button>
      {open && (
        <FormDialog title={t('controlRoles.create')}
          action={t('controlRoles.create')} initial={{ name: '', note: '' }}
          onClose={() => setQuery({ new: undefined })}
          check={(v) => ({ name: required(v.name) })}
          save={async (v) => {
            const r = await api.post<ControlRole>(PATH, v);
            touch(PATH);
            go('/control-roles/' + r.guid);
          }}>
          <TextField name="name" label={t('controlRoles.name')} autofocus />
          <TextField name="note" label={t('strategies.note')} />
        </FormDialog>
      )}
    </>
  );
}

export default function ControlRoles({ params }: { params: Params }) {
  const guid = params['guid'];
  const data = useAll<ControlRole>(PATH);
  const r = data.value?.find((x) => x.guid === guid);
  const panel = r && (
    <Panel title={roleName(r)} back="/control-roles"
      tools={<MoreMenu name={roleName(r)} items={menu(r)} />}>
      <Editor key={r.guid} r={r} />
    </Panel>
  );
  return (
    <Page title={t('nav.controlRoles')} panel={panel}>
      <LocalList<ControlRole> id="control-roles" label={t('nav.controlRoles')}
        data={data} columns={columns()} keyOf={(x) => x.guid} nameOf={roleName}
        href={(x) => '/control-roles/' + x.guid} menu={menu} here={guid}
        searchLabel={t('controlRoles.search')} bar={<Create />}
        empty={<Empty title={t('controlRoles.empty')} action={<Create />} />} />
    </Page>
  );
}
