// What a strategy was before, and the way back.
import { RotateCcw } from 'lucide';

import { Button, Time } from '../../ui/controls';
import { useData } from '../../ui/data';
import { api } from '../../ui/http';
import type { Strategy } from '../../ui/model';
import { act } from '../act';
import { can } from '../session';
import { t } from '../texts';
import { type OptionOf, optionName, valueName } from './options';

interface Version {
  name: string;
  note?: string;
  config_options?: Record<string, string>;
  replaced_at: number;
  replaced_by: string;
}

type Content = Pick<Version, 'name' | 'note' | 'config_options'>;

function content(v: Content) {
  return { name: v.name, note: v.note ?? '',
    config_options: v.config_options ?? {} };
}

// One line for each setting that differs: what it was then, what it is now.
function differences(was: Content, is: Content, options: readonly OptionOf[]):
string[] {
  const before = was.config_options ?? {};
  const now = is.config_options ?? {};
  const kinds = new Map(options.map((o) => [o.name, o]));
  const word = (name: string, value: string | undefined) =>
    value === undefined ? t('strategies.free')
      : valueName(name, kinds.get(name)?.kind, value);
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((n) => before[n] !== now[n]).sort();
  const lines = names.map((n) => t('strategies.difference', {
    name: optionName(n, kinds.get(n)?.text), was: word(n, before[n]),
    now: word(n, now[n]) }));
  if (was.name !== is.name)
    lines.unshift(t('strategies.difference', {
      name: t('strategies.name'), was: was.name, now: is.name }));
  if ((was.note ?? '') !== (is.note ?? ''))
    lines.push(t('strategies.difference', { name: t('strategies.note'),
      was: was.note || t('ui.none'), now: is.note || t('ui.none') }));
  return lines;
}

function restore(s: Strategy, v: Version): void {
  const path = `/api/strategies/${s.guid}`;
  void act({ run: () => api.patch(path, content(v)),
    undo: () => api.patch(path, content(s)),
    said: t('strategies.restored', { name: v.name }),
    paths: ['/api/strategies', '/api/devices'] });
}

function Former({ v, next, s, options }: {
  v: Version; next: Content; s: Strategy; options: readonly OptionOf[];
}) {
  const lines = differences(v, next, options);
  return (
    <li>
      <span class="event-main">
        <span class="grow">{v.replaced_by
          ? t('strategies.replacedBy', { name: v.replaced_by })
          : t('strategies.replaced')} <Time at={v.replaced_at} /></span>
        {can('strategies.edit') && (
          <Button icon={RotateCcw} onClick={() => restore(s, v)}>
            {t('strategies.restore')}</Button>)}
      </span>
      {lines.map((line) => <span key={line} class="muted">{line}</span>)}
    </li>
  );
}

export function Versions({ s, options }: {
  s: Strategy; options: readonly OptionOf[];
}) {
  const data = useData<Version[]>(`/api/strategies/${s.guid}/versions`);
  const list = data.value ?? [];
  if (list.length === 0)
    return null;
  return (
    <details class="versions">
      <summary>{t('strategies.versions', { n: list.length })}</summary>
      <ul class="events">
        {list.map((v, i) => (
          <Former key={i} v={v} s={s} options={options}
            next={i === 0 ? s : list[i - 1]!} />))}
      </ul>
    </details>
  );
}
