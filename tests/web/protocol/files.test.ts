import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as pathJoin } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { ClipboardSync } from '../../../services/web/protocol/clipboard.js';
import {
  Download, jobOf, Removal, removeFile, Upload,
} from '../../../services/web/protocol/files.js';
import type { Result } from '../../../services/web/protocol/files.js';
import { decodeMessage, encodeMessage }
  from '../../../services/web/protocol/message.js';
import type { Outgoing } from '../../../services/web/protocol/message.js';
import { crumbs, join, parent, safeParts }
  from '../../../services/web/protocol/paths.js';
import { Terminals } from '../../../services/web/protocol/terminal.js';
import { crc32, Zip } from '../../../services/web/protocol/zip.js';
import { unhex } from './hex.js';
import { REAL, REAL_TEXT, stored } from './zstd.js';

const response = (fileResponse: Outgoing['fileResponse']) =>
  decodeMessage(encodeMessage({ fileResponse })).fileResponse!;
const action = (fileAction: Outgoing['fileAction']) =>
  decodeMessage(encodeMessage({ fileAction })).fileAction!;
const names = (r: Result) => r.events.map((e) => e.event);
const bytes = (text: string) => new TextEncoder().encode(text);

function begun(...files: [string, number][]): Download {
  const d = new Download(7, '/home', false);
  assert.equal(d.start().send.length, 1);
  const entries = files.map(([name, size]) =>
    ({ entryType: 4, name, size: BigInt(size) }));
  assert.deepEqual(names(d.response(response({ dir: { id: 7, entries } }))),
    ['files']);
  return d;
}

test('a download: list, offer, blocks, end, done', () => {
  const d = begun(['a', 5], ['sub/b', 3]);
  for (const [num, data] of [[0, 'hello'], [1, 'abc']] as const) {
    const offer = d.response(response({ digest: {
      id: 7, fileNum: num, fileSize: BigInt(data.length) } }));
    assert.deepEqual(names(offer), ['offer']);
    assert.equal(d.confirm(num).send.length, 1);
    const block = d.response(response({ block: {
      id: 7, fileNum: num, data: stored(bytes(data)), compressed: true } }));
    assert.deepEqual(block.events, [{ event: 'data', file: num,
      data: bytes(data) }]);
    assert.deepEqual(names(d.response(response({
      block: { id: 7, fileNum: num } }))), ['file-end']);
  }
  assert.deepEqual(names(d.response(response({ done: { id: 7 } }))), ['done']);
  assert.ok(d.over);
});

test('nothing half-written passes for whole', () => {
  const offer = { digest: { id: 7, fileSize: 5n } };
  const short = begun(['', 5]);
  short.response(response(offer));
  short.confirm(0);
  assert.deepEqual(names(short.response(response({ block: { id: 7 } }))),
    ['failed']);
  const long = begun(['', 5]);
  long.response(response(offer));
  long.confirm(0);
  assert.deepEqual(names(long.response(response({
    block: { id: 7, data: bytes('longer') } }))), ['failed']);
  const early = begun(['', 5]);
  early.response(response(offer));
  early.confirm(0);
  assert.deepEqual(names(early.response(response({ done: { id: 7 } }))),
    ['failed']);
});

test('what was not asked for is not taken', () => {
  const d = begun(['a', 5]);
  assert.deepEqual(names(d.response(response({
    block: { id: 7, data: bytes('x') } }))), ['failed']);
  const escape = new Download(7, '/home', false);
  escape.start();
  const r = escape.response(response({
    dir: { id: 7, entries: [{ entryType: 4, name: '../../.profile' }] } }));
  assert.deepEqual(names(r), ['failed']);
  assert.equal(r.send.length, 1);
});

test('an upload: announced, confirmed, sent, done', () => {
  const u = new Upload(3, '/tmp', [
    { name: 'a', size: 4, modified: 1 }, { name: 'b', size: 0, modified: 1 }]);
  assert.deepEqual(u.start().send.map((m) => Object.keys(m)[0]),
    ['fileAction', 'fileResponse']);
  const confirm = (fileNum: number) => u.action(action({
    sendConfirm: { id: 3, fileNum, offsetBlk: 0 } }));
  assert.deepEqual(confirm(0).events,
    [{ event: 'read', file: 0, offset: 0 }]);
  assert.deepEqual(names(confirm(0)), []);
  assert.equal(u.block(bytes('data')).send.length, 1);
  assert.equal(u.fileEnd().send.length, 2);
  const r = u.response(response({ digest: {
    id: 3, fileNum: 1, isUpload: true, fileSize: 9n } }));
  assert.deepEqual(names(r), ['exists']);
  const skipped = u.skip();
  assert.deepEqual(names(skipped), ['done']);
  assert.equal(skipped.send.length, 2);
});

test('a file that cannot be written does not end the others', () => {
  const u = new Upload(3, '/tmp', [
    { name: 'a', size: 1, modified: 1 }, { name: 'b', size: 1, modified: 1 }]);
  u.start();
  const r = u.response(response({
    error: { id: 3, error: 'denied', fileNum: 0 } }));
  assert.deepEqual(names(r), ['failed']);
  assert.equal(u.over, false);
  assert.deepEqual(names(u.response(response({
    error: { id: 3, error: 'gone', fileNum: -1 } }))), ['failed']);
  assert.ok(u.over);
});

test('a folder is removed file by file, then itself', () => {
  const r = new Removal(5, '/x', 'Linux');
  r.start();
  const entries = [{ entryType: 4, name: 'a' }, { entryType: 4, name: 'd/b' }];
  const sent: Outgoing[] = [
    ...r.response(response({ dir: { id: 5, entries } })).send,
    ...r.response(response({ done: { id: 5 } })).send,
    ...r.response(response({ done: { id: 5 } })).send];
  assert.deepEqual(sent.map((m) => m.fileAction?.removeFile?.path
    ?? m.fileAction?.removeDir?.path), ['/x/a', '/x/d/b', '/x']);
  assert.deepEqual(names(r.response(response({ done: { id: 5 } }))), ['done']);
  const one = removeFile(6, '/x');
  assert.deepEqual(names(one.response(response({
    error: { id: 6, error: 'no' } }))), ['failed']);
});

test('no answers of a device break a download', () => {
  const id = fc.constant(7);
  const num = fc.integer({ min: -1, max: 3 });
  const answer = fc.oneof(
    fc.record({ dir: fc.record({ id, entries: fc.array(fc.record({
      entryType: fc.nat(6), name: fc.string(), size: fc.bigInt(0n, 9n),
    }), { maxLength: 3 }) }) }),
    fc.record({ digest: fc.record({ id, fileNum: num,
      fileSize: fc.bigInt(0n, 9n) }) }),
    fc.record({ block: fc.record({ id, fileNum: num,
      data: fc.uint8Array({ maxLength: 6 }), compressed: fc.boolean() }) }),
    fc.record({ done: fc.record({ id, fileNum: num }) }),
    fc.record({ error: fc.record({ id, fileNum: num }) }));
  fc.assert(fc.property(fc.array(answer, { maxLength: 12 }), (answers) => {
    const d = new Download(7, '', false);
    d.start();
    let promised = 0;
    for (const a of answers)
      for (const e of d.response(response(a)).events) {
        if (e.event === 'offer') {
          promised = e.size;
          d.confirm(e.file);
        } else if (e.event === 'data') {
          promised -= e.data.length;
          assert.ok(promised >= 0);
        } else if (e.event === 'file-end') {
          assert.equal(promised, 0);
        }
      }
  }), { numRuns: 1000 });
  assert.equal(jobOf(response({ done: { id: 4 } })), 4);
});

// --- paths ------------------------------------------------------------------

test('paths are written as the device writes them', () => {
  assert.equal(join('Windows', 'C:\\a', 'b'), 'C:\\a\\b');
  assert.equal(join('Windows', '/', 'C:\\'), 'C:\\');
  assert.equal(join('Linux', '/', 'home'), '/home');
  assert.deepEqual(['C:\\a\\b', 'C:\\a', 'C:\\', '/']
    .map((p) => parent('Windows', p)), ['C:\\a', 'C:\\', '/', undefined]);
  assert.deepEqual(['/a/b/', '/a', '/'].map((p) => parent('Linux', p)),
    ['/a', '/', undefined]);
  assert.deepEqual(crumbs('Windows', 'C:\\a').map((c) => c.path),
    ['/', 'C:\\', 'C:\\a']);
});

test('no name leaves the folder that was chosen', () => {
  for (const name of ['', '.', '..', 'a/../b', '/etc/passwd', 'C:\\x', 'a\\..',
    'a//b', 'a\u0000', 'x:stream', 'a\u202etxt.exe', 'dot.', 'blank ',
    'a'.repeat(256), Array(70).fill('d').join('/')])
    assert.equal(safeParts(name), undefined, JSON.stringify(name));
  assert.deepEqual(safeParts('a/b\\c.txt'), ['a', 'b', 'c.txt']);
  fc.assert(fc.property(fc.string(), (name) => {
    for (const part of safeParts(name) ?? [])
      assert.ok(part !== '..' && !/[\\/\0]/.test(part));
  }), { numRuns: 2000 });
});

// --- zip --------------------------------------------------------------------

test('a ZIP that Python reads: names, times, contents', () => {
  const zip = new Zip();
  const parts = [zip.begin('a/ü.txt', 1_700_000_000, 5),
    zip.data(bytes('hel')), zip.data(bytes('lo')), zip.end(),
    zip.begin('large', 0, 5e9), zip.data(bytes('x')), zip.end(),
    ...zip.finish()];
  const folder = mkdtempSync(pathJoin(tmpdir(), 'zip-'));
  const file = pathJoin(folder, 'x.zip');
  writeFileSync(file, Buffer.concat(parts));
  const out = execFileSync('/usr/bin/python3', ['-c', `
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print([(i.filename, i.date_time, z.read(i).decode()) for i in z.infolist()])`,
  file], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  assert.equal(out.trim(), "[('a/ü.txt', (2023, 11, 14, 22, 13, 20), 'hello'),"
    + " ('large', (1980, 1, 1, 0, 0, 0), 'x')]");
  assert.equal(crc32(bytes('123456789')), 0xcbf43926);
});

// --- clipboard and terminal -------------------------------------------------

test('what came from the device does not go back to it', () => {
  const c = new ClipboardSync();
  const got = c.received(decodeMessage(encodeMessage({ multiClipboards: {
    clipboards: [{ content: bytes('hi') },
      { content: stored(bytes('<b>hi</b>')), format: 2, compress: true }],
  } })).multiClipboards!.clipboards);
  assert.deepEqual(got, { text: 'hi', html: '<b>hi</b>' });
  assert.deepEqual(c.sending({ text: 'hi', html: '<b>hi</b>' }, true), []);
  assert.equal(c.sending({ text: 'other' }, true).length, 1);
  assert.deepEqual(c.sending({ text: 'other' }, true), []);
  assert.deepEqual(Object.keys(c.sending({ text: 'old' }, false)[0]!),
    ['clipboard']);
});

test('pictures that are none are left out', () => {
  const c = new ClipboardSync();
  const clip = (format: number, content: Uint8Array, width = 0) => c.received([
    { compress: false, content, width, height: width, format,
      specialName: '' }]);
  assert.equal(clip(22, bytes('<svg onload=x>')), undefined);
  assert.equal(clip(21, new Uint8Array(15), 2), undefined);
  assert.ok(clip(21, new Uint8Array(16), 2)?.rgba);
  assert.equal(clip(23, bytes('<svg/>')), undefined);
});

test('terminals: opened, output, found again, closed', () => {
  const t = new Terminals();
  const r = (terminalResponse: Outgoing['terminalResponse']) => t.received(
    decodeMessage(encodeMessage({ terminalResponse })).terminalResponse!);
  assert.deepEqual(r({ opened: { terminalId: 1, success: true,
    serviceId: 'S', persistentSessions: [1, 4] } }),
  { event: 'opened', id: 1, replay: false, others: [4] });
  assert.equal(t.serviceId, 'S');
  const out = r({ data: { terminalId: 1, data: unhex(REAL),
    compressed: true } });
  assert.ok(out?.event === 'output'
    && new TextDecoder().decode(out.data) === REAL_TEXT);
  assert.equal(r({ data: { data: bytes('junk'), compressed: true } }),
    undefined);
  assert.deepEqual(r({ closed: { terminalId: 1, exitCode: 3 } }),
    { event: 'closed', id: 1, exitCode: 3 });
  assert.deepEqual(r({ opened: { terminalId: 2, message: 'no' } }),
    { event: 'failed', id: 2, text: 'no' });
  assert.equal(t.input(1, new Uint8Array(70_000)).length, 3);
});
