// The texts of the shared components.
import { addCatalogue, type Args, text } from './i18n';
import type { en } from './texts/en';

export type UiKey = keyof typeof en;

addCatalogue({
  en: async () => (await import('./texts/en')).en,
  de: async () => (await import('./texts/de')).de,
});

export function t(key: UiKey, args?: Args): string {
  return text(key, args);
}
