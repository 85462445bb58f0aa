import { addCatalogue, type Args, text } from '../ui/i18n';
import type { UiKey } from '../ui/texts';
import type { en } from './texts/en';

export type Key = keyof typeof en | UiKey;

addCatalogue({
  en: async () => (await import('./texts/en')).en,
  de: async () => (await import('./texts/de')).de,
});

export function t(key: Key, args?: Args): string {
  return text(key, args);
}
