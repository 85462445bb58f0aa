import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { positionCode } from '../../../services/web/protocol/keys.js';
import { Keyboard, typed } from '../../../services/web/protocol/keyboard.js';
import type { Key } from '../../../services/web/protocol/keyboard.js';
import { Mouse, relative, touchpad }
  from '../../../services/web/protocol/mouse.js';
import { Touch } from '../../../services/web/protocol/touch.js';

const key = (code: string, more: Partial<Key> = {}): Key => ({
  code, key: '', time: 1, alt: false, control: false, shift: false,
  meta: false, capsLock: false, numLock: false, ...more,
});

test('positions are those of the device, and unknown keys are not sent', () => {
  assert.equal(positionCode('Windows', 'AltRight'), 0xe038);
  assert.equal(positionCode('Linux', 'F24'), 202);
  assert.equal(positionCode('Mac OS', 'KeyA'), 0);
  assert.equal(positionCode('Mac OS', 'F24'), undefined);
  assert.equal(positionCode('Linux', 'constructor'), undefined);
  assert.equal(positionCode('Mac OS', 'Backquote', true), 10);
  const k = new Keyboard('Mac OS', 'map', false);
  assert.deepEqual(k.down(key('F24')), []);
  assert.deepEqual(k.up(key('F24')), []);
});

test('keys that are down are let go when the page loses the keyboard', () => {
  const k = new Keyboard('Linux', 'map', false);
  k.down(key('ShiftLeft'));
  k.down(key('KeyA'));
  k.down(key('KeyA'));
  assert.deepEqual(k.releaseAll().map((e) => [e.down, e.chr]),
    [[false, 50], [false, 38]]);
  assert.deepEqual(k.up(key('KeyA')), []);
});

test('AltGr of a Windows browser is one key', () => {
  const k = new Keyboard('Windows', 'map', false);
  k.down(key('ControlLeft', { time: 5 }));
  assert.deepEqual(k.down(key('AltRight', { time: 5 }))
    .map((e) => [e.down, e.chr]), [[false, 0x1d], [true, 0xe038]]);
  assert.deepEqual(k.up(key('ControlLeft')), []);
  k.down(key('ControlLeft', { time: 6 }));
  assert.equal(k.down(key('AltRight', { time: 9 })).length, 1);
});

test('on macOS everything is let go with Meta', () => {
  const k = new Keyboard('Windows', 'map', true);
  k.down(key('MetaLeft'));
  k.down(key('KeyC'));
  assert.equal(k.up(key('MetaLeft')).length, 2);
});

test('the old way names keys and characters, and what is held', () => {
  const k = new Keyboard('Android', 'legacy', false);
  assert.deepEqual(k.down(key('KeyC', { key: 'C', control: true })),
    [{ down: true, chr: 99, modifiers: [4], mode: 0 }]);
  assert.deepEqual(k.down(key('KeyD', { key: 'D', shift: true })),
    [{ down: true, chr: 68, modifiers: [29], mode: 0 }]);
  assert.deepEqual(k.down(key('Enter', { key: 'Enter' })),
    [{ down: true, controlKey: 27, modifiers: [], mode: 0 }]);
  assert.deepEqual(
    k.down(key('ControlLeft', { key: 'Control', control: true })),
    [{ down: true, controlKey: 4, modifiers: [], mode: 0 }]);
  assert.deepEqual(k.down(key('Lang1', { key: 'HangulMode' })), []);
});

test('long text goes in pieces, never through a character', () => {
  const parts = typed('😀'.repeat(5000));
  assert.equal(parts.length, 2);
  assert.equal(parts.map((p) => p.seq).join(''), '😀'.repeat(5000));
});

// --- mouse ------------------------------------------------------------------

test('moves come every 8 ms, the last always, and before each button', () => {
  const m = new Mouse();
  assert.deepEqual(m.move(1, 1, 0), [{ mask: 0, x: 1, y: 1 }]);
  assert.deepEqual(m.move(2, 2, 4), []);
  assert.deepEqual(m.flush(8), [{ mask: 0, x: 2, y: 2 }]);
  assert.deepEqual(m.flush(9), []);
  assert.deepEqual(m.button(0, true, 3, 3, 10).map((e) => e.mask), [0, 9]);
  assert.deepEqual(m.button(0, true, 3, 3, 11), []);
  assert.deepEqual(m.button(2, true, 3, 3, 12).map((e) => e.mask), [0, 17]);
  assert.deepEqual(m.releaseAll().map((e) => e.mask), [10, 18]);
  assert.deepEqual(m.button(0, false, 3, 3, 13), []);
  assert.deepEqual([1, 3, 4].map((b) =>
    m.button(b, true, 0, 0, 20).at(-1)?.mask), [33, 65, 129]);
});

test('the wheel turns in notches; down and right are below zero', () => {
  const m = new Mouse();
  assert.deepEqual(m.wheel(0, 60, 0), []);
  assert.deepEqual(m.wheel(0, 60, 0), [{ mask: 3, x: -0, y: -1 }]);
  assert.deepEqual(m.wheel(0, -220, 0).length, 2);
  assert.deepEqual(m.wheel(3, 0, 1), [{ mask: 3, x: -1, y: -0 }]);
  assert.equal(m.wheel(0, 1e9, 0).length, 20);
  assert.deepEqual(m.wheel(NaN, Infinity, 0), []);
});

test('captured pointers and touchpads are bounded', () => {
  assert.deepEqual(relative(12.4, -4), [{ mask: 5, x: 12, y: -4 }]);
  assert.equal(relative(1e6, 0)[0]?.x, 10_000);
  assert.deepEqual(relative(0.2, 0), []);
  assert.deepEqual(touchpad('Mac OS', -3, 7), [{ mask: 4, x: 3, y: -7 }]);
  assert.equal(touchpad('Windows', 0, 10)[0]?.y, -12);
  assert.deepEqual(touchpad('Linux', 0, 10), []);
});

// --- touch ------------------------------------------------------------------

const kinds = (actions: ReturnType<Touch['up']>) => actions.map((a) =>
  a.do === 'button' ? `${a.button}${a.down ? 'down' : 'up'}` : a.do);

test('touch: a tap clicks where it is, a drag holds the button', () => {
  const t = new Touch('touch');
  t.down(1, 50, 60, 0);
  assert.deepEqual(t.up(1, 100), [
    { do: 'move-to', x: 50, y: 60 }, { do: 'button', button: 0, down: true },
    { do: 'button', button: 0, down: false }]);
  t.down(1, 0, 0, 200);
  assert.deepEqual(kinds(t.move(1, 40, 0, 220)),
    ['move-to', '0down', 'move-to']);
  assert.deepEqual(kinds(t.up(1, 900)), ['0up']);
});

test('touchpad: a drag moves, a tap clicks, a long press holds', () => {
  const t = new Touch('touchpad');
  t.down(1, 0, 0, 0);
  assert.deepEqual(kinds(t.move(1, 30, 0, 20)), ['move-by']);
  assert.deepEqual(kinds(t.up(1, 40)), []);
  t.down(1, 0, 0, 100);
  assert.deepEqual(kinds(t.up(1, 150)), ['0down', '0up']);
  t.down(1, 0, 0, 1000);
  assert.deepEqual(kinds(t.tick(1500)), ['0down']);
  assert.deepEqual(kinds(t.move(1, 30, 0, 1600)), ['move-by']);
  assert.deepEqual(kinds(t.cancel()), ['0up']);
});

test('two fingers: tap is the right button, together scroll, apart zoom', () => {
  const t = new Touch('touchpad');
  t.down(1, 0, 0, 0);
  t.down(2, 100, 0, 10);
  t.up(1, 60);
  assert.deepEqual(kinds(t.up(2, 70)), ['2down', '2up']);
  t.down(1, 0, 0, 1000);
  t.down(2, 100, 0, 1000);
  t.move(1, 0, 30, 1010);
  assert.deepEqual(kinds(t.move(2, 100, 30, 1020)), ['scroll']);
  t.cancel();
  t.down(1, 0, 0, 2000);
  t.down(2, 100, 0, 2000);
  assert.deepEqual(kinds(t.move(2, 180, 0, 2010)), ['zoom']);
});

test('no order of fingers leaves a button down', () => {
  const step = fc.tuple(fc.constantFrom('down', 'move', 'up'), fc.nat(3),
    fc.integer({ min: -500, max: 500 }), fc.nat(700));
  fc.assert(fc.property(fc.constantFrom('touch', 'touchpad'),
    fc.array(step, { maxLength: 40 }), (mode, steps) => {
      const t = new Touch(mode as 'touch');
      let now = 0;
      let down = 0;
      const count = (actions: ReturnType<Touch['up']>) => {
        for (const a of actions)
          if (a.do === 'button')
            down += a.down ? 1 : -1;
      };
      for (const [what, id, x, later] of steps) {
        now += later;
        count(what === 'down' ? t.down(id, x, x, now)
          : what === 'move' ? t.move(id, x, -x, now) : t.up(id, now));
        assert.ok(down === 0 || down === 1);
      }
      count(t.cancel());
      assert.equal(down, 0);
    }), { numRuns: 500 });
});
