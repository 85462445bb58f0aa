// The client's settings that a strategy can fix. Which there are, their kinds
// and defaults say the api; the words are here. Values are texts ("Y", "N", a
// word, a number).
import { has } from '../../ui/i18n';
import { type Key, t } from '../texts';

export type OptionKind = 'switch' | 'choice' | 'number' | 'text';

export interface OptionOf {
  name: string;
  group: string;
  kind: OptionKind;
  default: string; // what the client does without it
  values: readonly string[];
  text: string; // English, for what the catalogue of this page lacks
}

export const OPTIONS = '/api/strategies/options';

export function optionName(name: string, text?: string): string {
  const key = `option.${name}`;
  return has(key) ? t(key as Key) : text ?? name;
}

export function valueName(name: string, kind: OptionKind | undefined,
  value: string): string {
  if (kind === 'switch' && value)
    return t(value === 'Y' ? 'strategies.on' : 'strategies.off');
  const key = `option.${name}.${value}`;
  return has(key) ? t(key as Key) : value || t('ui.none');
}

export function groupName(group: string): string {
  const key = `strategies.group.${group}`;
  return has(key) ? t(key as Key) : group;
}

// The options by group, in the order of the catalogue.
export function grouped(options: readonly OptionOf[]):
[string, readonly OptionOf[]][] {
  const groups = new Map<string, OptionOf[]>();
  for (const o of options)
    groups.set(o.group, [...groups.get(o.group) ?? [], o]);
  return [...groups];
}
