/* Every pair of colours that the pages use is legible, in all four tables. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

type Table = Record<string, string>;

// Bundled into services/web/node_modules/.tests/console.
const css = readFileSync(
  new URL('../../../ui/tokens.css', import.meta.url), 'utf8');

/* The declarations of each block, by selector; media queries are prefixed. */
function tables(): Record<string, Table> {
  const plain = css.split('@media (prefers-contrast: more)');
  const more = plain[1]!.split('@media')[0];
  const block = (text: string, from: string): Table => {
    const at = text.indexOf(from + ' {');
    const body = text.slice(at, text.indexOf('}', at));
    return Object.fromEntries(
      [...body.matchAll(/--(\w+[\w-]*): (oklch\([^;]*\));/g)]
        .map(m => [m[1]!, m[2]!]));
  };
  const dark = ":root[data-theme='dark']";
  const light = block(plain[0]!, ':root');
  const night = { ...light, ...block(plain[0]!, dark) };
  return {
    light, dark: night,
    'light, more contrast': { ...light, ...block(more, ':root') },
    'dark, more contrast': { ...night, ...block(more, dark) },
  };
}

/* Relative luminance (WCAG 2.2) of "oklch(L C H)". */
function luminance(text: string): number {
  const [l = 0, c = 0, h = 0] = text.match(/[\d.]+/g)!.map(Number);
  const a = c * Math.cos(h * Math.PI / 180);
  const b = c * Math.sin(h * Math.PI / 180);
  const L = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const M = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const S = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clip = (x: number) => Math.min(1, Math.max(0, x));
  return 0.2126 * clip(4.0767416621 * L - 3.3077115913 * M + 0.2309699292 * S)
    + 0.7152 * clip(-1.2684380046 * L + 2.6097574011 * M - 0.3413193965 * S)
    + 0.0722 * clip(-0.0041960863 * L - 0.7034186147 * M + 1.707614701 * S);
}

function contrast(x: string, y: string): number {
  const low = Math.min(luminance(x), luminance(y));
  const high = Math.max(luminance(x), luminance(y));
  return (high + 0.05) / (low + 0.05);
}

const grounds = ['n1', 'n2', 'n3', 'n4', 'n5'];
const text: [string, string][] = [
  ...grounds.flatMap(g => [['n12', g], ['n11', g]] as [string, string][]),
  ...['n1', 'n2', 'n3', 'n4', 'a3', 'a4'].map(g => ['a11', g] as [string, string]),
  ...['a3', 'a4'].flatMap(g => [['n12', g], ['n11', g]] as [string, string][]),
  ...['g', 'w', 'b'].flatMap(s =>
    ['n1', 'n2', 'n3', s + '3'].map(g => [s + '11', g] as [string, string])),
  ...['g', 'w', 'b'].map(s => ['n12', s + '3'] as [string, string]),
  ['on-solid', 'a9'], ['on-solid', 'a10'], ['on-solid', 'b9'], ['on-solid', 'b10'],
  ['n1', 'n12'],
];
const shapes: [string, string][] = [
  ...['n1', 'n2', 'n3'].flatMap(g => ['n8', 'a8', 'a9', 'g9', 'w9', 'b9', 'n9'].map(c => [c, g] as [string, string])),
];

for (const [name, table] of Object.entries(tables())) {
  test(`text on its ground has 4.5:1 (${name})`, () => {
    const bad = text.map(([f, g]) => [f, g, contrast(table[f]!, table[g]!)])
      .filter(([, , c]) => !(c >= 4.5));
    assert.deepEqual(bad, []);
  });
  test(`borders of controls, dots and icons have 3:1 (${name})`, () => {
    const bad = shapes.map(([f, g]) => [f, g, contrast(table[f]!, table[g]!)])
      .filter(([, , c]) => !(c >= 3));
    assert.deepEqual(bad, []);
  });
}

test('every table has the same names', () => {
  const [first, ...rest] = Object.values(tables()).map(t => Object.keys(t).sort());
  for (const t of rest)
    assert.deepEqual(t, first);
  assert.equal(first!.filter(n => /^[nagwb]\d+$/.test(n)).length, 60);
});
