// The question for a fresh proof.
import assert from 'node:assert/strict';
import test from 'node:test';

import { prove, waiting } from '../../../services/web/console/proof';

test('who asks at once gets one question', async () => {
  const both = Promise.all([prove(), prove()]);
  waiting.value?.done(true);
  assert.deepEqual(await both, [true, true]);
  assert.equal(waiting.value, undefined);
});

test('an answer that comes late ends no other question', async () => {
  const first = prove();
  const late = waiting.value!;
  late.done(false);
  assert.equal(await first, false);
  const second = prove();
  const now = waiting.value!;
  late.done(true);
  assert.equal(waiting.value, now);
  now.done(true);
  assert.equal(await second, true);
});
