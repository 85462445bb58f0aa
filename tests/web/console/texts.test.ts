// Both languages have every text, with the same holes to fill.
import assert from 'node:assert/strict';
import test from 'node:test';

import { de } from '../../../services/web/console/texts/de';
import { en } from '../../../services/web/console/texts/en';
import { fill } from '../../../services/web/ui/i18n';
import { de as uiDe } from '../../../services/web/ui/texts/de';
import { en as uiEn } from '../../../services/web/ui/texts/en';

const english: Record<string, string> = { ...uiEn, ...en };
const german: Record<string, string> = { ...uiDe, ...de };

const holes = (text: string) =>
  [...text.matchAll(/\{(\w+)/g)].map((m) => m[1]!).sort().join(' ');

test('German has the keys of English and no others', () => {
  assert.deepEqual(Object.keys(german).sort(), Object.keys(english).sort());
});

test('a text has the same holes in both languages', () => {
  const differ = Object.keys(english)
    .filter((k) => holes(english[k]!) !== holes(german[k] ?? ''));
  assert.deepEqual(differ, []);
});

test('no text is empty, and none is the same sentence left in English', () => {
  const empty = Object.entries({ ...english, ...german })
    .filter(([, v]) => v.trim() === '');
  assert.deepEqual(empty, []);
  const left = Object.keys(english).filter((k) =>
    english[k]!.split(' ').length > 4 && english[k] === german[k]);
  assert.deepEqual(left, []);
});

test('the interface has none of the words it must not use', () => {
  const forbidden = /\b(peer|uuid|boolean|null|node id)\b/i;
  const found = Object.entries({ ...english, ...german })
    .filter(([, v]) => forbidden.test(v));
  assert.deepEqual(found, []);
});

test('holes are filled, plural forms are picked by the language', () => {
  assert.equal(fill('{n|one device|# devices}', { n: 1 }, 'en'), 'one device');
  assert.equal(fill('{n|one device|# devices}', { n: 1200 }, 'en'),
    '1,200 devices');
  assert.equal(fill('{n|ein Gerät|# Geräte}', { n: 1200 }, 'de'),
    '1.200 Geräte');
  assert.equal(fill('Delete {name}?', { name: '{x}' }, 'en'), 'Delete {x}?');
});
