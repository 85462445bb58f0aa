// Right-to-left safe: a style names the start and the end of a line, not
// left and right. The edges of the screen itself are no sides of a text.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';

// Bundled into services/web/node_modules/.tests/console.
const WEB = new URL('../../../', import.meta.url);

const styles = ['ui', 'console', 'client'].flatMap((room) =>
  readdirSync(new URL(room, WEB)).filter((f) => f.endsWith('.css'))
    .map((f) => `${room}/${f}`));

const SIDES = /^\s*(?:(?:margin|padding|border)-(?:left|right)\b|(?:left|right):|(?:float|clear|text-align): (?:left|right)\b)/;
const FOUR = /^\s*(?:margin|padding): (.*);$/;

// "a b c d" with b other than d; what stands in brackets is one value.
function lopsided(values: string): boolean {
  const v = values.match(/(?:[^\s()]|\((?:[^()]|\([^()]*\))*\))+/g) ?? [];
  return v.length === 4 && v[1] !== v[3];
}

test('no style of the pages names left or right', () => {
  assert.ok(styles.length > 10);
  const found = styles.flatMap((name) =>
    readFileSync(new URL(name, WEB), 'utf8').split('\n')
      .map((line, i) => [line, `${name}:${i + 1}: ${line.trim()}`] as const)
      .filter(([line]) => SIDES.test(line)
        || lopsided(FOUR.exec(line)?.[1] ?? ''))
      .map(([, where]) => where));
  assert.deepEqual(found, []);
});
