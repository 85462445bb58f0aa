// The client's texts.
import { addCatalogue, type Args, text } from '../ui/i18n';
import type { Outcome } from '../protocol/outcome';
import type { en } from './texts/en';

export type Key = keyof typeof en;

addCatalogue({
  en: async () => (await import('./texts/en')).en,
  de: async () => (await import('./texts/de')).de,
});

export function t(key: Key, args?: Args): string {
  return text(key, args);
}

// Why it ended, and what to do.
export function reason(o: Outcome, id: string): string {
  const sentence = t(`why.${o.key}` as Key, { id });
  return o.text ? sentence ? `${sentence} ${o.text}` : o.text : sentence;
}
