// A folder that is fetched as ZIP, with a browser's storage in memory.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FromWorker } from '../../../services/web/client/messages.js';
import type { Link } from '../../../services/web/client/worker/link.js';
import { Transfer } from '../../../services/web/client/worker/transfer.js';
import { decodeMessage, encodeMessage, PeerInfo }
  from '../../../services/web/protocol/message.js';
import type { Outgoing } from '../../../services/web/protocol/message.js';
import { readPeer } from '../../../services/web/protocol/peer.js';
import { decode, encode } from '../../../services/web/protocol/wire.js';
import { until } from './until.js';

// What was written, by name.
function storage(): Map<string, Buffer> {
  const kept = new Map<string, Buffer>();
  const handle = (name: string) => ({
    write(data: Uint8Array, { at }: { at: number }): number {
      const before = kept.get(name)!;
      const after = Buffer.alloc(Math.max(before.length, at + data.length));
      before.copy(after);
      after.set(data, at);
      kept.set(name, after);
      return data.length;
    },
    truncate: (to: number) =>
      kept.set(name, Buffer.from(kept.get(name)!.subarray(0, to))),
    flush: () => undefined,
    close: () => undefined,
  });
  const folder = {
    getDirectoryHandle: async () => folder,
    getFileHandle: async (name: string) => {
      kept.set(name, Buffer.alloc(0));
      return { createSyncAccessHandle: async () => handle(name) };
    },
    removeEntry: async (name: string) => { kept.delete(name); },
  };
  Object.defineProperty(globalThis, 'navigator', { configurable: true,
    value: { storage: { getDirectory: async () => folder } } });
  return kept;
}

function members(zip: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'zip-'));
  writeFileSync(join(folder, 'x.zip'), zip);
  const text = execFileSync('/usr/bin/python3', ['-c', `
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print([(i.filename, z.read(i).decode()) for i in z.infolist()])`,
  join(folder, 'x.zip')], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return text.trim();
}

test('a file that failed before its first byte does not give its name to the '
  + 'next one in a ZIP', async () => {
  const kept = storage();
  const posted: Outgoing[] = [];
  const said: FromWorker[] = [];
  const transfer = new Transfer(() => ({
    post: (...messages: Outgoing[]) => { posted.push(...messages); },
  }) as unknown as Link, (m) => { said.push(m); });
  const id = 1;
  const device = (m: Outgoing['fileResponse']) => transfer.message(
    decodeMessage(encodeMessage({ fileResponse: m! })));
  const confirmed = (fileNum: number) => until(`file ${fileNum}`, () =>
    posted.some((m) => m.fileAction?.sendConfirm?.fileNum === fileNum));
  const offer = (fileNum: number, size: bigint) => device({ digest: {
    id, fileNum, fileSize: size, lastModified: 1_700_000_000n } });

  transfer.ready(readPeer(decode(PeerInfo,
    encode(PeerInfo, { platform: 'Linux', version: '1.4.9' }))));
  transfer.command({ do: 'download', id: 9, path: '/home/x', hidden: false,
    target: { kind: 'save', name: 'x.zip', zip: true } });
  device({ dir: { id, path: '/home/x', entries: [
    { entryType: 4, name: 'a', size: 3n },
    { entryType: 4, name: 'b', size: 5n }] } });
  offer(0, 3n);
  await confirmed(0);
  device({ error: { id, error: 'no permission', fileNum: 0 } });
  offer(1, 5n);
  await confirmed(1);
  const data = new TextEncoder().encode('hello');
  device({ block: { id, fileNum: 1, data } });
  device({ block: { id, fileNum: 1 } });
  device({ done: { id, fileNum: 2 } });
  const ready = await until('the ZIP', () =>
    said.find((m) => m.say === 'file-ready'));
  assert.equal(ready.say, 'file-ready');
  assert.equal(members(kept.get(ready.stored)!), "[('b', 'hello')]");
});
