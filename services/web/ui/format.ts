// Times, numbers and ids as people read them, by Intl in the page's language.
import { lang } from './i18n';

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31557600], ['month', 2629800], ['week', 604800], ['day', 86400],
  ['hour', 3600], ['minute', 60],
];

export function relative(seconds: number, now = Date.now() / 1000): string {
  const f = new Intl.RelativeTimeFormat(lang.value, { numeric: 'auto' });
  const diff = seconds - now;
  for (const [unit, size] of STEPS)
    if (Math.abs(diff) >= size)
      return f.format(Math.trunc(diff / size), unit);
  return f.format(0, 'second');
}

export function exact(seconds: number): string {
  return new Intl.DateTimeFormat(lang.value, {
    dateStyle: 'full', timeStyle: 'medium',
  }).format(seconds * 1000);
}

export function shortDate(seconds: number): string {
  return new Intl.DateTimeFormat(lang.value, {
    dateStyle: 'medium', timeStyle: 'short',
  }).format(seconds * 1000);
}

export function number(n: number): string {
  return new Intl.NumberFormat(lang.value).format(n);
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

export function bytes(n: number, perSecond = false): string {
  let i = 0;
  while (n >= 1000 && i < UNITS.length - 1) {
    n /= 1000;
    i++;
  }
  return new Intl.NumberFormat(lang.value, {
    style: 'unit', unit: UNITS[i]! + (perSecond ? '-per-second' : ''),
    unitDisplay: 'short',
    maximumFractionDigits: n < 10 && i > 0 ? 1 : 0,
  }).format(n);
}

// 3 725 s: "1 h 2 min".
export function duration(seconds: number): string {
  const part = (n: number, unit: string) => new Intl.NumberFormat(lang.value, {
    style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0,
  }).format(n);
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60)
    return part(s, 'second');
  if (s < 3600)
    return part(Math.floor(s / 60), 'minute');
  if (s < 86400)
    return part(Math.floor(s / 3600), 'hour') + ' '
      + part(Math.floor((s % 3600) / 60), 'minute');
  return part(Math.floor(s / 86400), 'day') + ' '
    + part(Math.floor((s % 86400) / 3600), 'hour');
}

export function list(words: readonly string[]): string {
  return new Intl.ListFormat(lang.value, { type: 'conjunction' })
    .format(words);
}

// "123456789": "123 456 789". Other ids stay as they are.
export function deviceId(id: string): string {
  return /^\d{6,}$/.test(id)
    ? id.replace(/\B(?=(\d{3})+$)/g, '\u202f') : id;
}

// "windows / Windows 11 Pro": "Windows 11 Pro".
export function system(os: string | undefined): string {
  return os?.replace(/^\w+ \/ /, '') ?? '';
}

// The API's "2026-01-31 09:30:00" (UTC) or Unix seconds; 0 for none.
export function seconds(time: string | number | null | undefined): number {
  if (typeof time === 'number')
    return time;
  const ms = time ? Date.parse(time.replace(' ', 'T')
    + (/[zZ]$|[+-]\d\d:\d\d$/.test(time) ? '' : 'Z')) : NaN;
  return Number.isNaN(ms) ? 0 : ms / 1000;
}
