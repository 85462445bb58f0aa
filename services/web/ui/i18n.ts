// Texts by key, one catalogue per language, loaded when it is needed. A text
// may hold {name}, and {n|one device|# devices}: the form that the language's
// plural rule picks for n, # being n in digits.
import { signal } from '@preact/signals';

export type Lang = 'en' | 'de';
export type Args = Record<string, string | number>;
type Table = Readonly<Record<string, string>>;
type Loader = () => Promise<Table>;

export const LANGS: readonly Lang[] = ['en', 'de'];
export const LANG_NAMES: Record<Lang, string> = {
  en: 'English', de: 'Deutsch',
};

export const lang = signal<Lang>('en');
const texts = signal<Table>({});
const catalogues: Record<Lang, Loader>[] = [];

export function addCatalogue(loaders: Record<Lang, Loader>): void {
  catalogues.push(loaders);
}

export function preferredLang(): Lang {
  const saved = localStorage.getItem('lang');
  const wanted = saved ? [saved] : navigator.languages;
  for (const w of wanted) {
    const found = LANGS.find((l) => w.toLowerCase().startsWith(l));
    if (found)
      return found;
  }
  return 'en';
}

export async function useLang(to: Lang): Promise<void> {
  const parts = await Promise.all(catalogues.map((c) => c[to]()));
  texts.value = Object.assign({}, ...parts) as Table;
  lang.value = to;
  document.documentElement.lang = to;
}

export function chooseLang(to: Lang): Promise<void> {
  localStorage.setItem('lang', to);
  return useLang(to);
}

const HOLE = /\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g;

export function fill(text: string, args: Args, locale: string): string {
  return text.replace(HOLE, (whole, name: string, one, other) => {
    const value = args[name];
    if (value === undefined)
      return whole;
    const shown = typeof value === 'number'
      ? new Intl.NumberFormat(locale).format(value) : value;
    if (one === undefined)
      return shown;
    const form = new Intl.PluralRules(locale).select(Number(value)) === 'one'
      ? one : other;
    return (form as string).replace('#', shown);
  });
}

export function has(key: string): boolean {
  return texts.value[key] !== undefined;
}

export function text(key: string, args?: Args): string {
  const found = texts.value[key] ?? key;
  return args ? fill(found, args, lang.value) : found;
}
