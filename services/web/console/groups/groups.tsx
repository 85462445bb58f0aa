// Groups of users and of devices: list, members, rules.
import { Plus, Trash2, X } from 'lucide';

import { Button, IconButton, LinkButton, Time } from '../../ui/controls';
import { touch, useData } from '../../ui/data';
import { ask } from '../../ui/dialog';
import { Form, SaveBar, TextField, useForm } from '../../ui/form';
import { number } from '../../ui/format';
import { api, type Page as PageOf } from '../../ui/http';
import { LocalList, useAll } from '../../ui/list/list';
import type { Column } from '../../ui/list/table';
import { type Items, MoreMenu } from '../../ui/menu';
import type { Group, Strategy } from '../../ui/model';
import { PickField, Picker } from '../../ui/picker';
import { go, place, setQuery } from '../../ui/router';
import { Empty, Loaded } from '../../ui/states';
import { AccessChange, type Call, make } from '../access_change';
import { act } from '../act';
import { FormDialog, required } from '../create';
import { findStrategy } from '../find';
import { Page, Panel } from '../page';
import { can } from '../session';
import { t } from '../texts';
import type { GroupKind } from './kinds';
import { RulesOf } from './rules';

const SHOWN = 100;

function columns(kind: GroupKind, counted: boolean): Column<Group>[] {
  const members = (g: Group) => g.members ?? g.devices;
  const device = kind.page === '/device-groups';
  return [
    { id: 'name', title: t('groups.name'), sort: 'name', wide: true,
      cell: (g) => g.name, value: (g) => g.name },
    ...(counted ? [{ id: 'members', title: t(kind.members), number: true,
      phone: true, value: members,
      cell: (g: Group) => number(members(g) ?? 0) }] : []),
    { id: 'note', title: t('groups.note'), cell: (g) => g.note,
      value: (g) => g.note },
    ...(device ? [{ id: 'strategy', title: t('devices.strategy'),
      sort: 'strategy', cell: (g: Group) => g.strategy_name,
      value: (g: Group) => g.strategy_name }] : []),
    { id: 'rules', title: t('groups.rules'), number: true,
      value: (g) => g.allowed_incomings.length
        + (g.allowed_outgoings?.length ?? 0),
      cell: (g) => number(g.allowed_incomings.length
        + (g.allowed_outgoings?.length ?? 0)) },
    { id: 'created', title: t('groups.created'), sort: 'created', hidden: true,
      cell: (g) => <Time at={g.created_at} />, value: (g) => g.created_at },
  ];
}

function askDelete(kind: GroupKind, g: Group, gone: () => void): void {
  ask({
    title: t('groups.deleteOne', { name: g.name }), danger: true,
    text: t('groups.delete.text'), action: t('groups.delete'),
    more: <AccessChange of={g.guid} calls={() => [
      { method: 'DELETE', path: `${kind.api}/${g.guid}` }]} />,
    run: async () => {
      await api.remove(`${kind.api}/${g.guid}`);
      touch(kind.api);
      gone();
    },
  });
}

function menu(kind: GroupKind, g: Group, gone: () => void): Items {
  return [
    can(kind.see) && { label: t('groups.showMembers'),
      href: kind.allMembers(g) },
    can(kind.edit) && { label: t('groups.delete') + '…', icon: Trash2,
      danger: true, run: () => askDelete(kind, g, gone) },
  ];
}

function Details({ kind, g }: { kind: GroupKind; g: Group }) {
  const form = useForm('group:' + g.guid, { name: g.name, note: g.note },
    async (_v, changed) => {
      const before = { name: g.name, note: g.note };
      const write = (body: object, ifMatch?: string) =>
        api.patch(`${kind.api}/${g.guid}`, body, { ifMatch });
      await write(changed, g.etag);
      await act({ run: async () => undefined, undo: () => write(before),
        said: t('groups.saved', { name: g.name }), paths: [kind.api] });
    });
  if (!can(kind.edit))
    return <p>{g.note}</p>;
  return (
    <Form of={form} label={t('groups.details')}>
      <TextField name="name" label={t('groups.name')} />
      <TextField name="note" label={t('groups.note')} lines={2} />
      <SaveBar action={t('groups.save')} />
    </Form>
  );
}

function StrategyOf({ g }: { g: Group }) {
  const strategies = useAll<Strategy>('/api/strategies');
  const form = useForm('group-strategy:' + g.guid,
    { strategy_name: g.strategy_name ?? '' }, async (v) => {
      const guid = (name: string) =>
        strategies.value?.find((s) => s.name === name)?.guid ?? '';
      const write = (name: string) => api.post('/api/strategies/assign',
        { strategy: guid(name), groups: [g.guid] });
      await write(v.strategy_name);
      await act({ run: async () => undefined,
        undo: () => write(g.strategy_name ?? ''),
        said: t('groups.saved', { name: g.name }),
        paths: ['/api/device-groups'] });
    });
  return (
    <Form of={form} label={t('devices.strategy')}>
      <PickField name="strategy_name" label={t('devices.strategy')} clearable
        find={findStrategy} help={t('deviceGroups.strategy.help')} />
      <SaveBar action={t('deviceGroups.saveStrategy')} />
    </Form>
  );
}

interface Member {
  key: string;
  name: string;
}

// CALL is made; what failed is said where it was asked.
async function move(
  kind: GroupKind, m: Member, call: Call, back?: Call,
): Promise<void> {
  await make(call);
  await act({ run: async () => undefined, undo: back && (() => make(back)),
    paths: [kind.membersPath, kind.api],
    said: t('groups.moved', { name: m.name }) });
}

function askAdd(kind: GroupKind, g: Group, m: Member): void {
  const call = kind.put(g, m.key);
  ask({
    title: t('groups.addOne', { name: m.name }), action: t('groups.addIt'),
    text: t('groups.add.text', { name: m.name, group: g.name }),
    more: <AccessChange of={m.key} calls={() => [call]} />,
    run: () => move(kind, m, call),
  });
}

function askDrop(kind: GroupKind, g: Group, m: Member): void {
  const call = kind.drop(g, m.key);
  ask({
    title: t('groups.removeOne', { name: m.name }), danger: true,
    text: t('groups.remove.text', { name: m.name }),
    action: t('groups.removeIt'),
    more: <AccessChange of={m.key} calls={() => [call]} />,
    run: () => move(kind, m, call, kind.put(g, m.key)),
  });
}

function Members({ kind, g }: { kind: GroupKind; g: Group }) {
  const data = useData<PageOf<never>>(kind.membersPath,
    { ...kind.membersQuery(g), pageSize: SHOWN });
  return (
    <div class="stack">
      {can(kind.move) && (
        <Picker label={t(kind.add)} placeholder={t(kind.add)} value=""
          find={kind.find} onPick={(f) => {
            if (f)
              askAdd(kind, g, { key: f.value, name: f.label });
          }} />
      )}
      <Loaded data={data} lines={3}>
        {(page) => <>
          {page.total === 0 && <p class="muted">{t(kind.noMembers)}</p>}
          <ul class="rows">
            {page.data.map((row) => {
              const m = kind.member(row);
              return (
                <li key={m.key}>
                  <a href={m.href}>{m.name}</a>
                  {m.moves && (
                    <IconButton small icon={X}
                      label={t('ui.removeNamed', { name: m.name })}
                      onClick={() => askDrop(kind, g, m)} />
                  )}
                </li>
              );
            })}
          </ul>
          {page.total > page.data.length && (
            <LinkButton href={kind.allMembers(g)}>
              {t('groups.allMembers', { n: page.total })}</LinkButton>)}
        </>}
      </Loaded>
    </div>
  );
}

function GroupPanel({ kind, g }: { kind: GroupKind; g: Group }) {
  const query = place.value.query.toString();
  const back = kind.page + (query ? '?' + query : '');
  return (
    <Panel title={g.name} back={back} tools={
      <MoreMenu name={g.name} items={menu(kind, g, () => go(back))} />}>
      <section><h3>{t('groups.details')}</h3>
        <Details key={g.guid} kind={kind} g={g} /></section>
      {kind.page === '/device-groups' && can('device-groups.strategy')
        && can('strategies.view') && (
        <section><StrategyOf key={g.guid} g={g} /></section>)}
      {can(kind.see) && (
        <section><h3>{t(kind.members)}</h3><Members kind={kind} g={g} /></section>)}
      <section><h3>{t('groups.rules')}</h3><RulesOf kind={kind} g={g} /></section>
    </Panel>
  );
}

function Create({ kind }: { kind: GroupKind }) {
  const open = place.value.query.get('new') === '1';
  if (!can(kind.edit))
    return null;
  return (
    <>
      <Button kind="primary" icon={Plus} onClick={() => setQuery({ new: '1' })}>
        {t(kind.create)}</Button>
      {open && (
        <FormDialog title={t(kind.create)} action={t(kind.create)}
          initial={{ name: '', note: '' }}
          onClose={() => setQuery({ new: undefined })}
          check={(v) => ({ name: required(v.name) })}
          save={async (v) => {
            const g = await api.post<Group>(kind.api, v);
            touch(kind.api);
            go(`${kind.page}/${g.guid}`);
          }}>
          <TextField name="name" label={t('groups.name')} autofocus />
          <TextField name="note" label={t('groups.note')} lines={2} />
        </FormDialog>
      )}
    </>
  );
}

export function Groups({ kind, guid }: {
  kind: GroupKind; guid: string | undefined;
}) {
  const data = useAll<Group>(kind.api);
  const g = data.value?.find((x) => x.guid === guid);
  const query = place.value.query.toString();
  const first = data.value?.[0];
  const counted = (first?.members ?? first?.devices) !== undefined;
  return (
    <Page title={t(kind.title)}
      panel={g && <GroupPanel key={g.guid} kind={kind} g={g} />}>
      <LocalList<Group> id={kind.page.slice(1)} label={t(kind.title)}
        data={data} columns={columns(kind, counted)} keyOf={(x) => x.guid}
        nameOf={(x) => x.name} here={guid} searchLabel={t('groups.search')}
        href={(x) => `${kind.page}/${x.guid}${query ? '?' + query : ''}`}
        menu={(x) => menu(kind, x, () => { if (guid) go(kind.page); })}
        bar={<Create kind={kind} />}
        empty={<Empty title={t(kind.empty)} action={<Create kind={kind} />}>
          {t(kind.emptyText)}</Empty>} />
    </Page>
  );
}
