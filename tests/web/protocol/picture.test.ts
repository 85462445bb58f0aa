import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Cursors } from '../../../services/web/protocol/cursor.js';
import { Displays } from '../../../services/web/protocol/displays.js';
import { decode, encode } from '../../../services/web/protocol/wire.js';
import { PeerInfo } from '../../../services/web/protocol/message.js';
import { atLeast, readPeer } from '../../../services/web/protocol/peer.js';
import { Jitter, soundFormat } from '../../../services/web/protocol/sound.js';
import {
  codecString, CODECS, isKey, readPicture, Stream, supportedDecoding,
} from '../../../services/web/protocol/video.js';
import type { Picture } from '../../../services/web/protocol/video.js';
import { unzstd, ZstdError } from '../../../services/web/protocol/zstd.js';
import { unhex } from './hex.js';
import { REAL, REAL_TEXT, stored } from './zstd.js';

const picture = (...keys: boolean[]): Picture => ({
  codec: 'vp9', display: 0,
  chunks: keys.map((key) => ({ data: Uint8Array.of(0x80), key })),
});

test('a stream begins with a key frame and asks for it once a second', () => {
  const s = new Stream();
  const first = s.feed(picture(false), 0, 0);
  assert.deepEqual([first.steps.length, first.ask, first.dropped],
    [0, true, 1]);
  assert.equal(s.feed(picture(false), 0, 500).ask, false);
  assert.equal(s.feed(picture(false), 0, 1000).ask, true);
  const key = s.feed(picture(true, false), 0, 1100);
  assert.deepEqual(key.steps.map((x) => x.configure),
    ['vp09.00.51.08', undefined]);
  assert.equal(s.feed(picture(false), 0, 1200).steps.length, 1);
});

test('a decoder that is far behind starts afresh from a key frame', () => {
  const s = new Stream();
  s.feed(picture(true), 0, 0);
  const late = s.feed(picture(false), 31, 2000);
  assert.deepEqual([late.steps.length, late.ask], [0, true]);
  assert.ok(s.feed(picture(true), 0, 2100).steps[0]?.configure);
});

test('a decoder that gives nothing for five seconds is started afresh', () => {
  const s = new Stream();
  s.feed(picture(true), 0, 0);
  s.decoded();
  s.feed(picture(false), 0, 100);
  s.feed(picture(false), 0, 3000);
  assert.equal(s.tick(5000), false);
  assert.equal(s.tick(5100), true);
  assert.equal(s.tick(5200), false);
});

test('a screen where nothing moves is not asked for again', () => {
  const s = new Stream();
  s.feed(picture(true), 0, 0);
  s.decoded();
  assert.equal(s.tick(3_600_000), false);
  s.feed(picture(false), 0, 3_600_000);
  assert.equal(s.tick(3_600_100), false);
  s.decoded();
  assert.equal(s.tick(7_200_000), false);
});

test('a fresh decoder has its own five seconds', () => {
  const s = new Stream();
  s.feed(picture(true), 0, 0);
  s.lost(4000);
  s.feed(picture(true), 0, 6000);
  assert.equal(s.tick(6100), false);
  assert.equal(s.tick(11_000), true);
});

test('the profile of a frame chooses the configuration', () => {
  assert.equal(codecString('vp9', Uint8Array.of(0b10000000)),
    'vp09.00.51.08');
  assert.equal(codecString('vp9', Uint8Array.of(0b10100000)),
    'vp09.01.51.08.03.01.01.01.00');
  const sps = Uint8Array.of(0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f, 9);
  assert.equal(codecString('h264', sps), 'avc1.42c01f');
  assert.equal(codecString('av1', unhex('12000a0a00000000')),
    'av01.0.13M.08');
  assert.equal(codecString('av1', unhex('12000a0a20000000')),
    'av01.1.13M.08');
});

test('an unmarked key frame of H.264 is found', () => {
  const nal = (kind: number) => Uint8Array.of(0, 0, 1, kind, 1, 2, 3);
  const at = (kind: number) =>
    isKey('h264', { data: nal(kind), key: false });
  assert.deepEqual([7, 5, 1].map(at), [true, true, false]);
});

test('what is announced is what can be decoded', () => {
  const no = { plain: false, full: false };
  const d = supportedDecoding({
    vp8: { plain: true, full: false }, vp9: { plain: true, full: true },
    av1: no, h264: no, h265: no,
  }, 'av1', true);
  assert.deepEqual([d.vp8, d.vp9, d.av1, d.h264, d.prefer, d.preferChroma],
    [1, 1, 0, 0, 0, 1]);
  assert.equal(d.i444?.vp9, true);
});

test('any bytes have a configuration', () => {
  fc.assert(fc.property(fc.constantFrom(...CODECS),
    fc.uint8Array({ maxLength: 300 }), (codec, data) => {
      assert.match(codecString(codec, data), /^[a-z0-9.]+$/i);
      assert.equal(typeof isKey(codec, { data, key: false }), 'boolean');
    }), { numRuns: 2000 });
  assert.equal(readPicture({} as never), undefined);
});

// --- displays ---------------------------------------------------------------

const info = (m: Parameters<typeof encode<typeof PeerInfo.fields>>[1]) =>
  decode(PeerInfo, encode(PeerInfo, m));
const TWO = info({
  displays: [{ x: 0, y: 0, width: 1920, height: 1080 },
    { x: -1280, y: 100, width: 1280, height: 720 }],
});

test('a place of the picture is one of the virtual desktop', () => {
  const d = new Displays(TWO);
  assert.deepEqual(d.toDevice(0.5, 0.5), { x: 960, y: 540 });
  assert.deepEqual(d.toDevice(2, -1), { x: 1919, y: 0 });
  d.show([1]);
  assert.deepEqual(d.toDevice(0, 0), { x: -1280, y: 100 });
  d.show([0, 1]);
  assert.deepEqual(d.bounds, { x: -1280, y: 0, width: 3200, height: 1080 });
  assert.deepEqual(d.place(0), { x: 1280, y: 0, width: 1920, height: 1080 });
  assert.deepEqual(d.toDevice(0, 1), { x: -1280, y: 819 });
});

test('what the device reports later is the truth', () => {
  const d = new Displays(TWO);
  d.switched({
    display: 0, x: 100, y: 50, width: 800, height: 600,
    cursorEmbedded: true, resolutions: undefined,
    originalResolution: undefined,
  });
  assert.deepEqual(d.toDevice(0, 0), { x: 100, y: 50 });
  d.show([1]);
  d.changed(info({ displays: [{ width: 640, height: 480 }] }));
  assert.deepEqual(d.shown, [0]);
  assert.equal(d.show([5]), false);
});

test('no displays and absurd sizes do no harm', () => {
  assert.deepEqual(new Displays(info({})).toDevice(0.5, 0.5), { x: 0, y: 0 });
  const d = new Displays(info({
    displays: [{ width: -5, height: 2 ** 30 }], currentDisplay: 7 }));
  assert.deepEqual(d.bounds, { x: 0, y: 0, width: 1, height: 16384 });
});

test('versions are numbers, and additions of any form are borne', () => {
  assert.deepEqual([atLeast('1.4.10', '1.4.9'), atLeast('1.4', '1.4.1'),
    atLeast('', '1.2.0'), atLeast('2', '1.9.9')], [true, false, false, true]);
  const peer = readPeer(info({
    platform: 'Windows', version: '1.4.9', features: { privacyMode: true },
    platformAdditions: '{"supported_privacy_mode_impl":[["a","b"],3],'
      + '"support_view_camera":true,"idd_impl":"amyuni_idd"}',
  }));
  assert.deepEqual(peer.privacyMethods, [{ key: 'a', label: 'b' }]);
  assert.ok(peer.camera && peer.virtualDisplays === 'amyuni');
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
    readPeer(info({ platformAdditions: text }));
  }), { numRuns: 300 });
});

// --- zstd, cursors, sound ---------------------------------------------------

test('frames of Zstandard are unpacked, up to a bound', () => {
  assert.equal(new TextDecoder().decode(unzstd(unhex(REAL), 4096)), REAL_TEXT);
  assert.throws(() => unzstd(unhex(REAL), 100), ZstdError);
  const data = new Uint8Array(1000).fill(3);
  assert.deepEqual(unzstd(stored(data), 1000), data);
  const two = new Uint8Array([...stored(data), ...stored(data)]);
  assert.throws(() => unzstd(two, 1 << 20), ZstdError);
  // A window of 2 GiB, and a content of 2^40 bytes.
  assert.throws(() => unzstd(unhex('28b52ffd00a8010000'), 1024), ZstdError);
  assert.throws(() => unzstd(unhex('28b52ffde00000000000010000010000'), 1024),
    ZstdError);
});

test('any bytes are a frame of Zstandard or a ZstdError', () => {
  const real = unhex(REAL);
  fc.assert(fc.property(fc.nat(real.length - 1), fc.nat(255),
    fc.uint8Array({ maxLength: 40 }), (at, value, tail) => {
      const changed = real.slice();
      changed[at] = value;
      for (const data of [changed, changed.subarray(0, at),
        new Uint8Array([...changed.subarray(0, at), ...tail])])
        try {
          assert.ok(unzstd(data, 8192).length <= 8192);
        } catch (e) {
          assert.ok(e instanceof ZstdError);
        }
    }), { numRuns: 1500 });
});

test('pointers are unpacked and kept by id, a hundred of them', () => {
  const c = new Cursors();
  const shape = (id: bigint, width: number, bytes = width * width * 4) => ({
    id, hotx: 90, hoty: -4, width, height: width,
    colors: stored(new Uint8Array(bytes).fill(7)),
  });
  assert.deepEqual([c.add(shape(1n, 2))?.hotX, c.get(1n)?.hotY], [1, 0]);
  assert.equal(c.add(shape(2n, 2, 15)), undefined);
  assert.equal(c.add(shape(3n, 4000, 16)), undefined);
  assert.equal(c.add({ ...shape(4n, 2), colors: unhex('00') }), undefined);
  for (let i = 10n; i < 110n; i++)
    c.add(shape(i, 1));
  assert.equal(c.get(1n), undefined);
  assert.ok(c.get(109n));
});

test('sound starts when there is enough and lets go of the oldest', () => {
  assert.equal(soundFormat({ sampleRate: 44100, channels: 2 }), undefined);
  assert.equal(soundFormat({ sampleRate: 48000, channels: 9 }), undefined);
  const j = new Jitter(1000, 2);
  const out = [new Float32Array(10), new Float32Array(10)];
  j.write([new Float32Array(50).fill(1)]);
  j.read(out);
  assert.equal(out[0]![0], 0);
  j.write([new Float32Array(50).fill(2)]);
  j.read(out);
  assert.deepEqual([out[0]![0], out[1]![9], j.waiting], [1, 1, 90]);
  for (let i = 0; i < 9; i++)
    j.write([new Float32Array(50).fill(3)]);
  assert.ok(j.waiting <= 250);
  for (let i = 0; i < 40; i++)
    j.read(out);
  assert.deepEqual([out[0]![0], j.waiting], [0, 0]);
});
