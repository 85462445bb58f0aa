// What was typed into a form while others change what it shows.
import assert from 'node:assert/strict';
import test from 'node:test';

import { overtaken, saved, sentOn, standing, typed }
  from '../../../services/web/ui/draft';

const EMPTY = { changes: {}, base: {} };

test('what is typed back to what it was is no change', () => {
  const d = typed(EMPTY, { note: 'x', days: 3 }, { note: '', days: 0 });
  assert.deepEqual(d, { changes: { note: 'x', days: 3 },
    base: { note: '', days: 0 } });
  assert.deepEqual(typed(d, { note: '' }, { note: '', days: 0 }),
    { changes: { days: 3 }, base: { days: 0 } });
});

test('what is typed while a save is under way stays', () => {
  const d = typed(EMPTY, { note: 'first', name: 'n' }, { note: '', name: '' });
  const later = typed(d, { note: 'second' }, { note: '', name: '' });
  assert.deepEqual(saved(later, d.changes),
    { changes: { note: 'second' }, base: { note: 'first' } });
  assert.deepEqual(saved(d, d.changes), EMPTY);
});

test('a field is overtaken when others changed it to something else', () => {
  const d = typed(EMPTY, { note: 'mine', name: 'n' }, { note: '', name: '' });
  assert.deepEqual(overtaken(d, { note: '', name: '' }), []);
  assert.deepEqual(overtaken(d, { note: 'theirs', name: '' }), ['note']);
  assert.deepEqual(overtaken(d, { note: 'mine', name: '' }), []);
  const same = typed(typed(EMPTY, { note: 'a' }, { note: '' }),
    { note: 'mine' }, { note: 'theirs' });
  assert.deepEqual(overtaken(same, { note: 'theirs' }), ['note']);
});

test('what was saved is there until the object is read again', () => {
  const sent = sentOn({ note: '' }, { note: 'mine' });
  assert.equal(standing(sent, { note: '' }), sent);
  assert.equal(standing(sent, { note: 'mine' }), undefined);
  assert.equal(standing(sent, { note: 'theirs' }), undefined);
  assert.equal(standing(undefined, { note: '' }), undefined);
});

test('what is typed after an own save is not overtaken by that save', () => {
  const initial = { note: '' };
  const there = { ...initial, ...sentOn(initial, { note: 'first' }).over };
  const d = typed(EMPTY, { note: 'second' }, there);
  assert.deepEqual(overtaken(d, { note: 'first' }), []);
  assert.deepEqual(overtaken(d, { note: 'theirs' }), ['note']);
});
