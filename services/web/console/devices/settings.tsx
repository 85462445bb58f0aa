// The settings of a device, one by one: what each is, where it comes from,
// what other levels would have said, and whether the device has it.
import { Note, Empty, Loaded } from '../../ui/states';
import { Facts, State, Time } from '../../ui/controls';
import { useData } from '../../ui/data';
import type { Device, Strategy } from '../../ui/model';
import { can } from '../session';
import { type OptionOf, optionName, valueName } from '../strategies/options';
import { type Key, t } from '../texts';

type From = 'device' | 'user' | 'device_group' | 'client';

interface Other {
  from: From;
  strategy: string;
  value: string;
  hidden: boolean;
}

interface Setting extends Partial<OptionOf> {
  name: string;
  from: From;
  value?: string;
  hidden?: boolean;
  others: Other[];
}

interface Effect {
  from?: From;
  strategy?: Strategy;
  withheld?: boolean;
  confirmed?: boolean;
  confirmed_at?: number;
  levels: { from: From; name: string; enabled: boolean; applies: boolean }[];
  options: Setting[];
}

const APPLIES: Record<string, Key> = {
  device: 'devices.fromDevice', user: 'devices.fromUser',
  device_group: 'devices.fromGroup',
};

const WOULD: Record<string, Key> = {
  device: 'devices.deviceSays', user: 'devices.userSays',
  device_group: 'devices.groupSays',
};

function word(o: Setting, value: string | undefined, hidden = false): string {
  return hidden ? t('devices.hidden')
    : valueName(o.name, o.kind, value ?? '');
}

function Applied({ e }: { e: Effect }) {
  const s = e.strategy!;
  return (
    <p>
      {t(APPLIES[e.from ?? 'device']!, { name: s.name })}{' '}
      {can('strategies.view') && (
        <a href={'/strategies/' + s.guid}>{t('devices.openStrategy')}</a>)}
    </p>
  );
}

function Confirmed({ e }: { e: Effect }) {
  if (e.withheld)
    return (
      <Note tone="warn" title={t('devices.withheld')}>
        {t('devices.withheld.text')}</Note>);
  return e.confirmed
    ? <p><State tone="good">{t('devices.confirmed')}</State>{' '}
      <span class="muted"><Time at={e.confirmed_at ?? 0} /></span></p>
    : <p><State tone="warn">{t('devices.unconfirmed')}</State></p>;
}

function Value({ o }: { o: Setting }) {
  return (
    <span class="setting">
      <b>{o.value === undefined
        ? t('devices.unless', { value: word(o, o.default) })
        : word(o, o.value, o.hidden)}</b>
      {o.others.map((x) => (
        <span key={x.from} class="muted">
          {t(WOULD[x.from]!, { name: x.strategy,
            value: word(o, x.value, x.hidden) })}</span>))}
    </span>
  );
}

function List({ of }: { of: readonly Setting[] }) {
  return <Facts of={of.map((o) =>
    [optionName(o.name, o.text), <Value o={o} />] as const)} />;
}

export function Settings({ d }: { d: Device }) {
  const data = useData<Effect>(`/api/devices/${d.guid}/strategy`);
  return (
    <Loaded data={data}>
      {(e) => {
        const fixed = e.options.filter((o) => o.from !== 'client');
        const free = e.options.filter((o) => o.from === 'client');
        return (
          <div class="stack">
            {e.strategy ? <><Applied e={e} /><Confirmed e={e} /></>
              : <Empty title={t('devices.noStrategy')}>
                {t(e.levels.some((l) => !l.enabled)
                  ? 'devices.strategyOff.text' : 'devices.noStrategy.text')}
              </Empty>}
            {e.strategy && fixed.length === 0
              && <p class="muted">{t('strategies.noOptions')}</p>}
            {fixed.length > 0 && <List of={fixed} />}
            <details>
              <summary>{t('devices.free', { n: free.length })}</summary>
              <p class="muted">{t('devices.free.text')}</p>
              <List of={free} />
            </details>
          </div>
        );
      }}
    </Loaded>
  );
}
