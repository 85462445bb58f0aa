import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readAsk } from '../../../services/web/client/tunnel/asks.js';
import { fileName } from '../../../services/web/client/tunnel/browser.js';
import { decode } from '../../../services/web/client/tunnel/frame/parts.js';

const ORIGIN = 'http://nas:81';
const get = { ask: 'get', n: 1, address: ORIGIN + '/a?b', method: 'GET',
  headers: [['Accept', '*/*']], body: undefined };

test('a page asks for what is of its own service', () => {
  assert.deepEqual(readAsk(get, ORIGIN), { ask: 'get', n: 1, visit: {
    method: 'GET', path: '/a?b', headers: [['Accept', '*/*']],
    body: undefined } });
  assert.deepEqual(readAsk({ ...get, address: 'https://evil/x' }, ORIGIN),
    { ask: 'outside', n: 1, address: 'https://evil/x' });
});

test('what a page may not ask for is no ask', () => {
  for (const wrong of [null, 7, 'get', {}, { ...get, n: -1 },
    { ...get, n: '1' }, { ...get, address: 7 }, { ...get, headers: {} },
    { ...get, headers: [['a']] }, { ...get, headers: [['a', {}]] },
    { ...get, body: 'text' }, { ...get, method: ['GET'] },
    { ...get, body: new Uint8Array((16 << 20) + 1) },
    { ...get, address: ORIGIN + '/' + 'a'.repeat(20_000) },
    { ask: 'cookie', text: 'a'.repeat(9000) }, { ask: 'token' }])
    assert.equal(readAsk(wrong, ORIGIN), undefined);
});

test('whatever a page sends, it reaches its own service at most', () => {
  fc.assert(fc.property(fc.oneof(fc.anything(), fc.record({
    ask: fc.constantFrom('get', 'go', 'stop', 'cookie', 'title'), n: fc.nat(9),
    address: fc.oneof(fc.webUrl(), fc.string()), method: fc.string(),
    headers: fc.array(fc.tuple(fc.string(), fc.string())), text: fc.anything(),
  })), (message) => {
    const ask = readAsk(message, ORIGIN);
    if (ask?.ask === 'get' || ask?.ask === 'go')
      assert.ok(new URL(ORIGIN + ask.visit.path).href.startsWith(ORIGIN + '/'));
    if (ask?.ask === 'title')
      assert.ok(ask.text.length <= 200);
  }), { numRuns: 300 });
});

test('a file of a service has a name that leads nowhere', () => {
  const named = (disposition: string, path = '/a/b.pdf?x') => fileName({
    ok: true, path, status: 200, reason: '', body: new Uint8Array(0),
    cookie: '', headers: [['content-disposition', disposition]] });
  assert.equal(named(''), 'b.pdf');
  assert.equal(named('attachment; filename="../.bashrc"'), '__.bashrc');
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => {
    assert.match(named(`attachment; filename="${a}"`, `/${b}`),
      /^[^/\\:*?"<>|.][^/\\:*?"<>|]{0,119}$/);
  }), { numRuns: 200 });
});

test('a page is read in the coding that it names', () => {
  const latin = Uint8Array.of(0x3c, 0x70, 0x3e, 0xe4);
  assert.equal(decode(latin, 'text/html; charset=iso-8859-1'), '<p>ä');
  assert.equal(decode(new TextEncoder().encode('ä'), 'text/html'), 'ä');
  assert.equal(decode(new TextEncoder().encode('ä'),
    'text/html; charset=no-such'), 'ä');
});
