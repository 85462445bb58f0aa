// Parts of the administration for people who are not full administrators.
import { Plus, Trash2 } from 'lucide';

import { Button, State } from '../../ui/controls';
import { type Data, touch, useData } from '../../ui/data';
import { ask } from '../../ui/dialog';
import { CheckField, Form, RadioField, SaveBar, TextField, useForm,
  useFormContext } from '../../ui/form';
import { api } from '../../ui/http';
import { LocalList, useAll } from '../../ui/list/list';
import type { Column } from '../../ui/list/table';
import { type Items, MoreMenu } from '../../ui/menu';
import type { AdminRole, Group, Permission } from '../../ui/model';
import { PickMany } from '../../ui/picker';
import { go, type Params, place, setQuery } from '../../ui/router';
import { Empty, Loaded } from '../../ui/states';
import { act } from '../act';
import { FormDialog, required } from '../create';
import { Page, Panel } from '../page';
import { fresh } from '../reauth';
import { type Key, t } from '../texts';

const PATH = '/api/admin-roles';

function columns(): Column<AdminRole>[] {
  return [
    { id: 'name', title: t('adminRoles.name'), sort: 'name', wide: true,
      cell: (r) => r.name, value: (r) => r.name },
    { id: 'state', title: t('strategies.state'), phone: true,
      cell: (r) => r.enabled
        ? <State tone="good">{t('strategies.isOn')}</State>
        : <State tone="off">{t('strategies.isOff')}</State>,
      value: (r) => r.enabled },
    { id: 'scope', title: t('adminRoles.scope'), sort: 'scope',
      cell: (r) => t(`adminRoles.scope.${r.type}`), value: (r) => r.type },
    { id: 'rights', title: t('users.rights'), number: true,
      cell: (r) => r.perms.length, value: (r) => r.perms.length },
    { id: 'note', title: t('strategies.note'), cell: (r) => r.note,
      value: (r) => r.note },
  ];
}

function menu(r: AdminRole): Items {
  return [{
    label: t('adminRoles.delete') + '…', icon: Trash2, danger: true,
    run: () => ask({
      title: t('adminRoles.deleteOne', { name: r.name }), danger: true,
      text: t('adminRoles.delete.text'), action: t('adminRoles.delete'),
      run: async () => {
        await fresh(() => api.remove(`${PATH}/${r.guid}`));
        touch(PATH);
        go('/admin-roles');
      },
    }),
  }];
}

// The rights by what they are about, in the catalogue's order.
function byArea(all: readonly Permission[]): [string, Permission[]][] {
  const areas = new Map<string, Permission[]>();
  for (const p of all) {
    const area = p.name.split('.')[0]!;
    areas.set(area, [...areas.get(area) ?? [], p]);
  }
  return [...areas];
}

function Rights({ all }: { all: readonly Permission[] }) {
  const form = useFormContext();
  const { type, perms } = form.values as unknown as AdminRole;
  const set = (now: string[]) => form.set({ perms: now });
  return (
    <>
      {byArea(all).map(([area, list]) => {
        const possible = list.filter((p) => p.scopes.includes(type));
        return possible.length > 0 && (
          <fieldset key={area} class="field rights">
            <legend>{t(`area.${area}` as Key)}</legend>
            <div class="check-grid">
              {possible.map((p) => (
                <label key={p.name} class="check">
                  <input type="checkbox" checked={perms.includes(p.name)}
                    onChange={(e) => set(e.currentTarget.checked
                      ? [...perms, p.name]
                      : perms.filter((x) => x !== p.name))} />
                  <span>{t(`right.${p.name}` as Key)}</span>
                </label>
              ))}
            </div>
          </fieldset>
        );
      })}
    </>
  );
}

function GroupsOf({ name, path, label }: {
  name: 'user_groups' | 'device_groups'; path: string; label: string;
}) {
  const form = useFormContext();
  const groups = useAll<Group>(path);
  const chosen = (form.values[name] as string[] | undefined) ?? [];
  const found = (g: Group) => ({ value: g.guid, label: g.name, hint: g.note });
  return (
    <div class="field">
      <span class="label">{label}</span>
      <PickMany label={label} empty={t('adminRoles.noGroups')}
        value={(groups.value ?? []).filter((g) => chosen.includes(g.guid))
          .map(found)}
        onChange={(now) => form.set({ [name]: now.map((f) => f.value) })}
        find={async (text) => (groups.value ?? []).map(found)
          .filter((f) => f.label.toLowerCase().includes(text.toLowerCase()))} />
    </div>
  );
}

function Editor({ r, all }: { r: AdminRole; all: readonly Permission[] }) {
  const before = { name: r.name, note: r.note ?? '', type: r.type,
    enabled: r.enabled, perms: r.perms, unassigned: r.unassigned ?? false,
    user_groups: r.user_groups ?? [], device_groups: r.device_groups ?? [] };
  const form = useForm('admin-role:' + r.guid, before, async (_v, changed) => {
    const write = (body: object, ifMatch?: string) => fresh(() =>
      api.patch(`${PATH}/${r.guid}`, body, { ifMatch }));
    await write(changed, r.etag);
    await act({ run: async () => undefined, undo: () => write(before),
      said: t('adminRoles.saved', { name: r.name }), paths: [PATH] });
  });
  const scopes = ['global', 'group', 'individual'] as const;
  return (
    <Form of={form} label={r.name}>
      <TextField name="name" label={t('adminRoles.name')} />
      <TextField name="note" label={t('strategies.note')} />
      <CheckField name="enabled" label={t('adminRoles.enabled')} />
      <RadioField name="type" label={t('adminRoles.scope')}
        options={scopes.map((s) => ({ value: s,
          label: t(`adminRoles.scope.${s}`),
          help: t(`adminRoles.scope.${s}.help`) }))} />
      {form.values.type === 'group' && <>
        <GroupsOf name="user_groups" path="/api/user-groups"
          label={t('nav.userGroups')} />
        <GroupsOf name="device_groups" path="/api/device-groups"
          label={t('nav.deviceGroups')} />
        <CheckField name="unassigned" label={t('adminRoles.unassigned')} />
      </>}
      <Rights all={all} />
      <div class="sticky-save"><SaveBar action={t('adminRoles.save')} /></div>
    </Form>
  );
}

function Create() {
  const open = place.value.query.get('new') === '1';
  return (
    <>
      <Button kind="primary" icon={Plus} onClick={() => setQuery({ new: '1' })}>
        {t('adminRoles.create')}</Button>
      {open && (
        <FormDialog title={t('adminRoles.create')}
          action={t('adminRoles.create')} initial={{ name: '', note: '' }}
          onClose={() => setQuery({ new: undefined })}
          check={(v) => ({ name: required(v.name) })}
          save={async (v) => {
            const r = await fresh(() => api.post<AdminRole>(PATH,
              { ...v, type: 'global', perms: [] }));
            touch(PATH);
            go('/admin-roles/' + r.guid);
          }}>
          <TextField name="name" label={t('adminRoles.name')} autofocus />
          <TextField name="note" label={t('strategies.note')} />
        </FormDialog>
      )}
    </>
  );
}

function RolePanel({ r }: { r: AdminRole }) {
  const catalogue: Data<{ data: Permission[] }> =
    useData('/api/web/permissions');
  return (
    <Panel title={r.name} back="/admin-roles"
      tools={<MoreMenu name={r.name} items={menu(r)} />}>
      <Loaded data={catalogue}>
        {(c) => <Editor key={r.guid} r={r} all={c.data} />}
      </Loaded>
    </Panel>
  );
}

export default function AdminRoles({ params }: { params: Params }) {
  const guid = params['guid'];
  const data = useAll<AdminRole>(PATH);
  const r = data.value?.find((x) => x.guid === guid);
  return (
    <Page title={t('nav.adminRoles')}
      panel={r && <RolePanel key={r.guid} r={r} />}>
      <LocalList<AdminRole> id="admin-roles" label={t('nav.adminRoles')}
        data={data} columns={columns()} keyOf={(x) => x.guid}
        nameOf={(x) => x.name} href={(x) => '/admin-roles/' + x.guid}
        menu={menu} here={guid} searchLabel={t('adminRoles.search')}
        bar={<Create />}
        empty={<Empty title={t('adminRoles.empty')} action={<Create />}>
          {t('adminRoles.empty.text')}</Empty>} />
    </Page>
  );
}
