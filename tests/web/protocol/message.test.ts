import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as controls from '../../../services/web/protocol/controls.js';
import {
  characterCombination, combination, ctrlAltDel, Keyboard, lockScreen, typed,
} from '../../../services/web/protocol/keyboard.js';
import { decodeMessage, encodeMessage }
  from '../../../services/web/protocol/message.js';
import type { Outgoing } from '../../../services/web/protocol/message.js';
import { loginRequest } from '../../../services/web/protocol/login.js';
import { readFolder } from '../../../services/web/protocol/files.js';
import { Terminals } from '../../../services/web/protocol/terminal.js';
import { decode, encode, many, type, WireError }
  from '../../../services/web/protocol/wire.js';
import { hex, unhex } from './hex.js';
import { VECTOR } from './vectors.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const mouse = (mouseEvent: Outgoing['mouseEvent']): Outgoing =>
  ({ mouseEvent });
const key = (keyEvent: Outgoing['keyEvent']): Outgoing => ({ keyEvent });

const CASES: readonly [string, string, Outgoing][] = [
  ['move', '520610c801189003', mouse({ mask: 0, x: 100, y: 200 })],
  ['move below zero', '520410091814', mouse({ mask: 0, x: -5, y: 10 })],
  ['left down', '52020809', mouse({ mask: 9 })],
  ['forward up', '5203088201', mouse({ mask: 130 })],
  ['wheel up', '520408031802', mouse({ mask: 3, y: 1 })],
  ['wheel down', '520408031801', mouse({ mask: 3, y: -1 })],
  ['touchpad', '520608041006180d', mouse({ mask: 4, x: 3, y: -7 })],
  ['relative', '5206080510181807', mouse({ mask: 5, x: 12, y: -4 })],
  ['left down with Control', '52050809220104',
    mouse({ mask: 9, modifiers: [4] })],
  ['Ctrl+Alt+Del', '7a0408011864', key(ctrlAltDel('Windows'))],
  ['lock screen', '7a0408011865', key(lockScreen())],
  ['text', '7a08320668c3a96c6c6f', key(typed('héllo')[0])],
  ['legacy Ctrl+c down', '7a0708012063420104',
    key({ down: true, chr: 0x63, modifiers: [4] })],
  ['legacy Return press', '7a041001181b', key(combination('Return'))],
  ['refresh_video', '9a01025001', controls.refreshAll()],
  ['refresh_video_display', '9a0103f80100', controls.refresh(0)],
  ['video_received', '9a01026001', { misc: { videoReceived: true } }],
  ['capture_displays', '9a0107f201041a020001', controls.showDisplays([0, 1])],
  ['switch_display', '9a01042a020801', controls.showDisplay(1)[0]!],
  ['frames a second', '9a01043a02583c', controls.option(
    controls.frameRate(60))],
  ['quality in percent', '9a01063a0430809601', controls.option(
    controls.customQuality(75))],
  ['block input', '9a01043a022802', controls.blockInput(true)],
  ['close_reason', '9a01024a00', controls.closing()],
  ['clipboard, several formats', 'e201090a07120568656c6c6f',
    { multiClipboards: { clipboards: [{ content: bytes('hello') }] } }],
  ['clipboard', '820107120568656c6c6f',
    { clipboard: { content: bytes('hello') } }],
  ['read_dir', '8a010b0a090a052f686f6d651001', readFolder('/home', true)],
  ['send', '8a011212100801120a2f6574632f686f7374731801', { fileAction: {
    send: { id: 1, path: '/etc/hosts', includeHidden: true },
  } }],
  ['send_confirm', '8a01064a0408012000', { fileAction: {
    sendConfirm: { id: 1, fileNum: 0, offsetBlk: 0 },
  } }],
  ['terminal open', 'fa01080a06080110181850', new Terminals().open(1, 24, 80)],
  ['voice call', 'ba01090880d095ffbc311001',
    controls.voiceCall(1700000000000, true)],
  ['chat', '9a010622040a026869', controls.chat('hi')],
  ['restart', '9a01027001', controls.restart()],
  ['2FA', 'da01080a06313233343536', { auth2fa: { code: '123456' } }],
  ['delay of the device', '2a05180c20dc0b',
    { testDelay: { lastDelay: 12, targetBitrate: 1500 } }],
  ['hash', VECTOR.hash, { hash: { salt: 'a3f9k2', challenge: 'x7tq4m' } }],
  ['login', VECTOR.login, { loginRequest: loginRequest({
    id: '123456789', scope: 'desktop', myId: 'web-1', myName: 'Ada',
    sessionId: 1n, option: {
      ...controls.quality('balanced'),
      supportedDecoding: { vp9: 1, h264: 1, vp8: 1, av1: 1 },
    },
  }, unhex(VECTOR.proof)) }],
];

for (const [name, expected, message] of CASES)
  test(`bytes of ${name}`, () => {
    assert.equal(hex(encodeMessage(message)), expected);
    assert.equal(hex(encodeMessage(decodeMessage(unhex(expected)))), expected);
  });

function press(platform: string, code: string, caps = false) {
  return new Keyboard(platform, 'map', false).down({
    code, key: '', time: 1, alt: false, control: false, shift: false,
    meta: false, capsLock: caps, numLock: false,
  });
}

const KEYS: readonly [string, string, boolean, string][] = [
  ['Windows', 'KeyA', false, '7a060801201e4801'],
  ['Linux', 'KeyA', false, '7a06080120264801'],
  ['Mac OS', 'KeyA', false, '7a06080120004801'],
  ['Windows', 'KeyA', true, '7a090801201e4201034801'],
  ['Windows', 'ArrowLeft', false, '7a08080120cbc0034801'],
];
for (const [platform, code, caps, expected] of KEYS)
  test(`bytes of ${code} down on ${platform}${caps ? ', caps lock' : ''}`,
    () => {
      const [event] = press(platform, code, caps);
      assert.equal(hex(encodeMessage({ keyEvent: event })), expected);
    });

test('combinations name the key and what is held', () => {
  assert.deepEqual(combination('Tab', 'Alt').modifiers, [1]);
  assert.equal(characterCombination('d', 'Meta').chr, 100);
  assert.deepEqual(ctrlAltDel('Linux').modifiers, [1, 4]);
});

test('numbers beyond 2^53 are kept', () => {
  const id = 2n ** 63n + 5n;
  const again = decodeMessage(encodeMessage({ cursorId: id }));
  assert.equal(again.cursorId, id);
});

test('unknown members and fields are skipped', () => {
  const m = decodeMessage(unhex('a206020801' + VECTOR.hash));
  assert.equal(m.hash?.salt, 'a3f9k2');
});

test('a list longer than its bound is refused', () => {
  const Long = type({ n: many(1, 'int32', 9) });
  const Short = type({ n: many(1, 'int32', 8) });
  const nine = encode(Long, { n: [1, 2, 3, 4, 5, 6, 7, 8, 9] });
  assert.equal(decode(Long, nine).n.length, 9);
  assert.throws(() => decode(Short, nine), WireError);
});

test('any bytes are a message or a WireError', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (data) => {
    try {
      decodeMessage(data);
    } catch (e) {
      assert.ok(e instanceof WireError);
    }
  }), { numRuns: 3000 });
  const messages = CASES.map(([, text]) => unhex(text));
  fc.assert(fc.property(fc.constantFrom(...messages), fc.nat(200),
    fc.nat(255), (message, at, value) => {
      const data = message.slice();
      data[at % data.length] = value;
      try {
        decodeMessage(data);
      } catch (e) {
        assert.ok(e instanceof WireError);
      }
    }), { numRuns: 3000 });
});
