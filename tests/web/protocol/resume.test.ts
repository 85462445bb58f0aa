import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { Download, MOST_OFFSET, Upload }
  from '../../../services/web/protocol/files.js';
import type { FileInfo, Result } from '../../../services/web/protocol/files.js';
import { decodeMessage, encodeMessage }
  from '../../../services/web/protocol/message.js';
import type { Outgoing } from '../../../services/web/protocol/message.js';
import { Progress } from '../../../services/web/protocol/resume.js';
import { Zip } from '../../../services/web/protocol/zip.js';

const response = (fileResponse: Outgoing['fileResponse']) =>
  decodeMessage(encodeMessage({ fileResponse })).fileResponse!;
const action = (fileAction: Outgoing['fileAction']) =>
  decodeMessage(encodeMessage({ fileAction })).fileAction!;
const names = (r: Result) => r.events.map((e) => e.event);
const bytes = (text: string) => new TextEncoder().encode(text);

const A: FileInfo = { name: 'a', size: 10, modified: 1 };
const B: FileInfo = { name: 'b', size: 4, modified: 1 };

// --- what is kept -----------------------------------------------------------

test('an unfinished file goes on where it was, if it is still the same',
  () => {
    const p = new Progress();
    assert.equal(p.offset(A), 0);
    p.begin(A, 0);
    p.moved(6);
    assert.equal(p.offset(A), 6);
    assert.equal(p.bytes, 6);
    assert.equal(p.offset({ ...A, size: 11 }), 0, 'another size');
    assert.equal(p.offset({ ...A, modified: 2 }), 0, 'another time');
    assert.equal(p.offset(B), 0, 'another file');
    p.begin(A, 6);
    p.moved(4);
    p.end();
    assert.deepEqual([p.bytes, p.files], [10, 1]);
    assert.equal(p.offset(A), 0, 'a whole file has no rest');
  });

test('what is settled is not asked about again, nor counted twice', () => {
  const p = new Progress();
  p.begin(A, 0);
  p.moved(10);
  p.end();
  p.skip('a');
  p.skip('b');
  assert.deepEqual([p.files, p.bytes], [2, 10]);
  assert.ok(p.isSettled('a') && p.isSettled('b') && !p.isBegun('b'));
  p.begin(A, 4);                // the last blocks had not arrived
  assert.deepEqual([p.files, p.bytes], [1, 4]);
});

test('an answer of the user holds over a break, and only for its file', () => {
  const p = new Progress();
  assert.equal(p.decide('a', false), 'take');
  assert.equal(p.decide('a', true), 'ask');
  p.choose('a', 'skip', false);
  assert.equal(p.decide('a', true), 'skip');
  assert.equal(p.decide('b', true), 'ask');
  p.choose('b', 'overwrite', true);
  assert.equal(p.decide('a', true), 'skip');
  assert.equal(p.decide('c', true), 'take');
  const other = new Progress();
  other.begin(A, 0);
  assert.equal(other.decide('a', true), 'take', 'what is there is ours');
});

// --- from the device --------------------------------------------------------

test('a download goes on at an offset and still counts every byte', () => {
  const d = new Download(8, '/a', false);
  d.start();
  d.response(response({ dir: { id: 8, entries: [
    { entryType: 4, name: '', size: 10n }] } }));
  d.response(response({ digest: { id: 8, fileSize: 10n } }));
  assert.equal(d.confirm(0, 6).send[0]?.fileAction?.sendConfirm?.offsetBlk, 6);
  assert.deepEqual(names(d.response(response({
    block: { id: 8, data: bytes('rest') } }))), ['data']);
  assert.deepEqual(names(d.response(response({ block: { id: 8 } }))),
    ['file-end']);
});

test('a device that begins at another offset is found out', () => {
  for (const [data, ends] of [['all again!', true], ['res', false]] as const) {
    const d = new Download(8, '/a', false);
    d.start();
    d.response(response({ dir: { id: 8, entries: [
      { entryType: 4, name: '', size: 10n }] } }));
    d.response(response({ digest: { id: 8, fileSize: 10n } }));
    d.confirm(0, 6);
    const first = d.response(response({
      block: { id: 8, data: bytes(data) } }));
    assert.deepEqual(names(ends ? first
      : d.response(response({ block: { id: 8 } }))), ['failed'], data);
  }
});

// --- to the device ----------------------------------------------------------

const partial = (u: Upload, transferredSize: bigint, isIdentical = true) =>
  u.response(response({ digest: {
    id: 3, isUpload: true, isIdentical, fileSize: 10n, transferredSize } }));

test('an upload asks to go on only for a file of its own', () => {
  const u = new Upload(3, '/tmp', [A, B], (name) => name === 'a');
  const digests = [...u.start().send, ...u.action(action({
    sendConfirm: { id: 3, skip: true } })).send]
    .flatMap((m) => m.fileResponse?.digest ?? []);
  assert.deepEqual(digests.map((d) => d.isResume), [true, false]);
});

test('an upload goes on where the device is', () => {
  const u = new Upload(3, '/tmp', [A], () => true);
  u.start();
  const r = partial(u, 6n);
  assert.deepEqual(r.events, [{ event: 'read', file: 0, offset: 6 }]);
  assert.equal(r.send[0]?.fileAction?.sendConfirm?.offsetBlk, 6);
});

test('an offset is bounded by the file and by 32 bits', () => {
  for (const [size, told, offset] of [[10, 99n, 10],
    [6e9, 5_000_000_000n, MOST_OFFSET]] as const) {
    const u = new Upload(3, '/tmp', [{ ...A, size }], () => true);
    u.start();
    const r = partial(u, told);
    assert.deepEqual(r.events, [{ event: 'read', file: 0, offset }]);
    assert.equal(r.send[0]?.fileAction?.sendConfirm?.offsetBlk, offset);
  }
});

test('a part that is not of this file, or of no length, is no start', () => {
  for (const [told, identical] of [[6n, false], [0n, true]] as const) {
    const u = new Upload(3, '/tmp', [A], () => true);
    u.start();
    const [e] = partial(u, told, identical).events;
    assert.ok(e?.event === 'exists' && !e.identical, 'nor is it whole');
  }
  const first = new Upload(3, '/tmp', [A]);
  first.start();
  assert.deepEqual(names(partial(first, 6n)), ['exists']);
});

test('a file that the device has whole is told apart', () => {
  const u = new Upload(3, '/tmp', [A], () => true);
  u.start();
  assert.deepEqual(names(u.action(action({
    sendConfirm: { id: 3, skip: true } }))), ['has', 'done']);
});

test('an answer to an earlier job is none', () => {
  const u = new Upload(3, '/tmp', [A]);
  u.start();
  assert.deepEqual(u.action(action({ sendConfirm: { id: 2, skip: true } })),
    { send: [], events: [] });
  assert.equal(u.sending, undefined);
});

test('no block is sent of a file that the device has refused', () => {
  const u = new Upload(3, '/tmp', [A, B]);
  u.start();
  u.action(action({ sendConfirm: { id: 3, offsetBlk: 0 } }));
  assert.equal(u.sending, 0);
  u.response(response({ error: { id: 3, error: 'disk full' } }));
  assert.equal(u.sending, undefined);
});

// --- both -------------------------------------------------------------------

// A device that sends what it is asked for, cut off anywhere.
test('however often it breaks, a file is whole or not there', () => {
  const whole = Uint8Array.from({ length: 40 }, (_, i) => i);
  const file: FileInfo = { name: '', size: whole.length, modified: 9 };
  fc.assert(fc.property(fc.array(fc.nat(30), { maxLength: 8 }), (cuts) => {
    const p = new Progress();
    const got: number[] = [];
    let ended = false;
    for (const cut of [...cuts, whole.length]) {
      const d = new Download(1, '', false);
      d.start();
      d.response(response({ dir: { id: 1, entries: [
        { entryType: 4, size: 40n }] } }));
      d.response(response({ digest: { id: 1, fileSize: 40n } }));
      const from = p.offset(file);
      d.confirm(0, from);
      p.begin(file, from);
      const rest = whole.slice(from);
      for (let at = 0; at < Math.min(cut, rest.length); at += 7) {
        const data = rest.slice(at, Math.min(at + 7, cut));
        for (const e of d.response(response({ block: { id: 1, data } })).events)
          if (e.event === 'data') {
            got.push(...e.data);
            p.moved(e.data.length);
          }
      }
      if (cut >= rest.length)
        ended = names(d.response(response({ block: { id: 1 } })))
          .includes('file-end');
      if (ended)
        break;
    }
    assert.ok(ended);
    assert.deepEqual(got, [...whole]);
  }), { numRuns: 200 });
});

test('a ZIP forgets a member that was not finished', () => {
  const zip = new Zip();
  const out: number[] = [];
  const put = (data: Uint8Array) => { out.push(...data); };
  put(zip.begin('first', 0, 2));
  put(zip.data(bytes('ab')));
  put(zip.end());
  const first = out.length;
  put(zip.begin('second', 0, 9));
  put(zip.data(bytes('half')));
  out.length = zip.drop();
  assert.equal(out.length, first, 'nothing of it stays');
  put(zip.begin('second', 0, 4));
  put(zip.data(bytes('full')));
  put(zip.end());
  zip.finish().forEach(put);
  const folder = mkdtempSync(join(tmpdir(), 'zip-'));
  writeFileSync(join(folder, 'x.zip'), Uint8Array.from(out));
  const text = execFileSync('/usr/bin/python3', ['-c', `
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print([(i.filename, z.read(i).decode()) for i in z.infolist()])`,
  join(folder, 'x.zip')], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  assert.equal(text.trim(), "[('first', 'ab'), ('second', 'full')]");
});
