import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Call, VOICE } from '../../../services/web/protocol/call.js';
import { decodeMessage, encodeMessage }
  from '../../../services/web/protocol/message.js';
import type { Outgoing, PeerMessage }
  from '../../../services/web/protocol/message.js';

const said = (m: Outgoing): PeerMessage => decodeMessage(encodeMessage(m));
const request = (at: number, isConnect: boolean) => said({
  voiceCallRequest: { reqTimestamp: BigInt(at), isConnect } });
const response = (at: number, accepted: boolean) => said({
  voiceCallResponse: { accepted, reqTimestamp: BigInt(at) } });
const kinds = (send: readonly Outgoing[]) =>
  send.map((m) => Object.keys(m.misc ?? m)[0]);

test('a call is rung, taken and hung up', () => {
  const c = new Call();
  assert.deepEqual(c.start(50).send,
    [{ voiceCallRequest: { reqTimestamp: 50n, isConnect: true } }]);
  assert.equal(c.state, 'calling');
  assert.deepEqual(c.start(60).send, [], 'rung once');
  assert.deepEqual(c.message(response(50, true), 70).send,
    [{ misc: { option: { disableAudio: 1 } } },
      { misc: { audioFormat: VOICE } }]);
  assert.equal(c.state, 'on');
  assert.deepEqual(c.end(90).send,
    [{ voiceCallRequest: { reqTimestamp: 90n, isConnect: false } }]);
  assert.equal(c.state, 'none');
});

test('an answer to another call is none', () => {
  const c = new Call();
  assert.deepEqual(c.message(response(50, true), 1).send, []);
  c.start(50);
  c.message(response(49, true), 60);
  assert.equal(c.state, 'calling');
  assert.equal(c.message(response(50, false), 60).news, 'declined');
  assert.equal(c.state, 'none');
});

test('the device rings: taken, turned away, given up', () => {
  const c = new Call();
  c.message(request(7, true), 8);
  assert.equal(c.state, 'ringing');
  const taken = c.answer(true, 9);
  assert.deepEqual(kinds(taken.send), ['voiceCallResponse', 'option', 'audioFormat']);
  assert.deepEqual(taken.send[0]?.voiceCallResponse,
    { accepted: true, reqTimestamp: 7n, ackTimestamp: 9n });
  assert.equal(c.message(request(10, false), 11).news, 'ended');
  c.message(request(12, true), 13);
  assert.equal(c.end(14).send[0]?.voiceCallResponse?.accepted, false);
  c.message(request(15, true), 16);
  assert.equal(c.message(request(17, false), 18).news, 'ended');
  assert.equal(c.state, 'none');
  assert.deepEqual(c.answer(true, 19).send, [], 'too late');
});

test('both ring at once: the call stands', () => {
  const c = new Call();
  c.start(5);
  assert.deepEqual(kinds(c.message(request(6, true), 7).send),
    ['voiceCallResponse', 'option', 'audioFormat']);
  assert.equal(c.state, 'on');
});

test('no order of messages makes us speak without a call', () => {
  const step = fc.constantFrom('start', 'yes', 'no', 'end', 'ring', 'hang up',
    'taken', 'refused', 'lost');
  fc.assert(fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
    const c = new Call();
    let agreed = [false, false];        // we, they
    for (const s of steps) {
      const was = c.state;
      if (s === 'start')
        c.start(1);
      else if (s === 'yes' || s === 'no')
        c.answer(s === 'yes', 1);
      else if (s === 'end')
        c.end(1);
      else if (s === 'lost')
        c.lost();
      else
        c.message(s === 'ring' || s === 'hang up' ? request(1, s === 'ring')
          : response(1, s === 'taken'), 1);
      agreed = [s === 'start' || s === 'yes' || agreed[0] === true,
        s === 'ring' || s === 'taken' || agreed[1] === true];
      if (c.state === 'on')
        assert.ok(was === 'on' || (agreed[0] && agreed[1]));
      else if (c.state === 'none')
        agreed = [false, false];
    }
  }), { numRuns: 1000 });
});
