// The client's texts.
import { addCatalogue, type Args, text } from '../ui/i18n';
import type { Outcome } from '../protocol/outcome';
import { guest } from './guest';
import type { Refusal } from './guest';
import type { en } from './texts/en';

export type Key = keyof typeof en;

addCatalogue({
  en: async () => (await import('./texts/en')).en,
  de: async () => (await import('./texts/de')).de,
});

export function t(key: Key, args?: Args): string {
  return text(key, args);
}

export const refusal = (why: Refusal): string => t(`guest.why.${why}`);

// How the ID server's answers to guests begin.
const SAID: readonly (readonly [string, Refusal])[] = [
  ['This guest link has expired', 'expired'],
  ['This guest link has been used', 'used'],
  ['This guest link was revoked', 'revoked'],
  ['This guest link does not lead to this device', 'device'],
  ['This kind of connection is not allowed', 'kind'],
];

// Why it ended, and what to do.
export function reason(o: Outcome, id: string): string {
  const why = guest.value && o.key === 'refused'
    && SAID.find(([said]) => o.text?.startsWith(said))?.[1];
  if (why)
    return refusal(why);
  const sentence = t(`why.${o.key}` as Key, { id });
  return o.text ? sentence ? `${sentence} ${o.text}` : o.text : sentence;
}
