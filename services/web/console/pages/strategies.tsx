// Settings that the server fixes on devices.
import { Ban, CircleCheck, Copy, Plus, Trash2 } from 'lucide';

import { Button, State, Time } from '../../ui/controls';
import { touch, useData } from '../../ui/data';
import { ask } from '../../ui/dialog';
import { Form, SaveBar, TextField, useForm } from '../../ui/form';
import { number } from '../../ui/format';
import { api } from '../../ui/http';
import { LocalList, useAll } from '../../ui/list/list';
import type { Column } from '../../ui/list/table';
import { type Items, MoreMenu } from '../../ui/menu';
import type { Strategy } from '../../ui/model';
import { go, type Params, place, setQuery } from '../../ui/router';
import { Empty, Loaded } from '../../ui/states';
import { act } from '../act';
import { FormDialog, required } from '../create';
import { Page, type Crumb } from '../page';
import { can } from '../session';
import { OptionsEditor } from '../strategies/editor';
import { OPTIONS, type OptionOf } from '../strategies/options';
import { Versions } from '../strategies/versions';
import { t } from '../texts';

const PATH = '/api/strategies';
const PATHS = [PATH, '/api/devices'];

function toggle(s: Strategy): void {
  const write = (on: boolean) => api.put(`${PATH}/${s.guid}/status`, on);
  void act({ run: () => write(!s.status), undo: () => write(s.status),
    said: t(s.status ? 'strategies.switchedOff' : 'strategies.switchedOn',
      { name: s.name }), paths: PATHS });
}

async function duplicate(s: Strategy): Promise<void> {
  const full = await api.get<Strategy>(`${PATH}/${s.guid}`);
  const copy = await api.post<Strategy>(PATH, {
    name: t('strategies.copyOf', { name: s.name }), note: full.note,
    enabled: false, config_options: full.config_options ?? {} });
  touch(PATH);
  go(`/strategies/${copy.guid}`);
}

function remove(s: Strategy): void {
  ask({
    title: t('strategies.deleteOne', { name: s.name }), danger: true,
    text: t('strategies.delete.text'), action: t('strategies.delete'),
    run: async () => {
      await api.remove(`${PATH}/${s.guid}`);
      touch(...PATHS);
      go('/strategies');
    },
  });
}

function menu(s: Strategy): Items {
  if (!can('strategies.edit'))
    return [];
  return [
    { label: t(s.status ? 'strategies.switchOff' : 'strategies.switchOn'),
      icon: s.status ? Ban : CircleCheck, run: () => toggle(s) },
    { label: t('strategies.duplicate'), icon: Copy, run: () => void act({
      run: () => duplicate(s), said: t('strategies.duplicated'), paths: [] }) },
    'line',
    { label: t('strategies.delete') + '…', icon: Trash2, danger: true,
      run: () => remove(s) },
  ];
}

function StrategyState({ s }: { s: Strategy }) {
  return s.status ? <State tone="good">{t('strategies.isOn')}</State>
    : <State tone="off">{t('strategies.isOff')}</State>;
}

function columns(counted: boolean): Column<Strategy>[] {
  return [
    { id: 'name', title: t('strategies.name'), sort: 'name', wide: true,
      cell: (s) => s.name, value: (s) => s.name },
    { id: 'state', title: t('strategies.state'), phone: true, sort: 'state',
      cell: (s) => <StrategyState s={s} />, value: (s) => s.status },
    ...(counted ? [{ id: 'devices', title: t('nav.devices'), number: true,
      cell: (s: Strategy) => number(s.devices ?? 0),
      value: (s: Strategy) => s.devices }] : []),
    { id: 'note', title: t('strategies.note'), cell: (s) => s.note,
      value: (s) => s.note },
    { id: 'changed', title: t('strategies.changed'), sort: 'changed',
      cell: (s) => <Time at={s.modified_at / 1000} />,
      value: (s) => s.modified_at },
  ];
}

function Create() {
  const open = place.value.query.get('new') === '1';
  if (!can('strategies.edit'))
    return null;
  return (
    <>
      <Button kind="primary" icon={Plus} onClick={() => setQuery({ new: '1' })}>
        {t('strategies.create')}</Button>
      {open && (
        <FormDialog title={t('strategies.create')}
          action={t('strategies.create')} initial={{ name: '', note: '' }}
          onClose={() => setQuery({ new: undefined })}
          check={(v) => ({ name: required(v.name) })}
          save={async (v) => {
            const s = await api.post<Strategy>(PATH, { ...v, enabled: true,
              config_options: {} });
            touch(PATH);
            go('/strategies/' + s.guid);
          }}>
          <TextField name="name" label={t('strategies.name')} autofocus />
          <TextField name="note" label={t('strategies.note')} lines={2} />
        </FormDialog>
      )}
    </>
  );
}

function List() {
  const data = useAll<Strategy>(PATH);
  return (
    <Page title={t('nav.strategies')}>
      <LocalList<Strategy> id="strategies" label={t('nav.strategies')}
        data={data} columns={columns(data.value?.[0]?.devices !== undefined)}
        keyOf={(s) => s.guid}
        nameOf={(s) => s.name} href={(s) => '/strategies/' + s.guid}
        menu={menu} searchLabel={t('strategies.search')} bar={<Create />}
        empty={<Empty title={t('strategies.empty')} action={<Create />}>
          {t('strategies.empty.text')}</Empty>} />
    </Page>
  );
}

function Editor({ s, etag, options }: {
  s: Strategy; etag: string | undefined; options: readonly OptionOf[];
}) {
  const before = { name: s.name, note: s.note,
    config_options: s.config_options ?? {} };
  const form = useForm('strategy:' + s.guid, before, async (_v, changed) => {
    const write = (body: object, ifMatch?: string) =>
      api.patch(`${PATH}/${s.guid}`, body, { ifMatch });
    await write(changed, etag);
    await act({ run: async () => undefined, undo: () => write(before),
      said: t('strategies.saved', { name: s.name }), paths: PATHS });
  });
  const readOnly = !can('strategies.edit');
  return (
    <Form of={form} label={s.name}>
      <div class="buttons between">
        <StrategyState s={s} />
        <MoreMenu name={s.name} items={menu(s)} />
      </div>
      {!readOnly && (
        <div class="pair">
          <TextField name="name" label={t('strategies.name')} />
          <TextField name="note" label={t('strategies.note')} />
        </div>
      )}
      <OptionsEditor options={options} value={form.values.config_options}
        readOnly={readOnly}
        onChange={(config_options) => form.set({ config_options })} />
      {!readOnly && (
        <div class="sticky-save">
          <SaveBar action={t('strategies.save')} />
        </div>)}
    </Form>
  );
}

function One({ guid }: { guid: string }) {
  const data = useData<Strategy>(`${PATH}/${encodeURIComponent(guid)}`);
  const options = useData<OptionOf[]>(OPTIONS);
  const parents: Crumb[] = [{ href: '/strategies', label: t('nav.strategies') }];
  return (
    <Page title={data.value?.name ?? t('nav.strategies')} parents={parents} form>
      <Loaded data={data}>
        {(s) => (
          <>
            <Loaded data={options}>
              {(list) => (
                <Editor key={s.guid} s={s} etag={data.etag}
                  options={list} />)}
            </Loaded>
            <Versions s={s} options={options.value ?? []} />
          </>)}
      </Loaded>
    </Page>
  );
}

export default function Strategies({ params }: { params: Params }) {
  return params['guid'] ? <One guid={params['guid']} /> : <List />;
}
