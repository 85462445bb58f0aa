// Light or dark as the system says or the person chose; the tables of
// tokens.css are picked by an attribute.
import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
export type Density = 'normal' | 'compact';

const night = matchMedia('(prefers-color-scheme: dark)');
const systemDark = signal(night.matches);
night.addEventListener('change', (e) => { systemDark.value = e.matches; });

function saved<T extends string>(name: string, all: readonly T[]): T {
  const value = localStorage.getItem(name) as T | null;
  return value && all.includes(value) ? value : all[0]!;
}

export const THEMES: readonly Theme[] = ['system', 'light', 'dark'];
export const DENSITIES: readonly Density[] = ['normal', 'compact'];
export const theme = signal<Theme>(saved('theme', THEMES));
export const density = signal<Density>(saved('density', DENSITIES));

export function startTheme(): void {
  effect(() => {
    const dark = theme.value === 'system' ? systemDark.value
      : theme.value === 'dark';
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
    document.documentElement.dataset['density'] = density.value;
    localStorage.setItem('theme', theme.value);
    localStorage.setItem('density', density.value);
  });
}
