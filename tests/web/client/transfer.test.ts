// The queue of file jobs over a pretended link, without a browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FromWorker, JobState }
  from '../../../services/web/client/messages.js';
import type { Link } from '../../../services/web/client/worker/link.js';
import { Transfer } from '../../../services/web/client/worker/transfer.js';
import { decodeMessage, encodeMessage, PeerInfo }
  from '../../../services/web/protocol/message.js';
import type { Outgoing } from '../../../services/web/protocol/message.js';
import { readPeer } from '../../../services/web/protocol/peer.js';
import { decode, encode } from '../../../services/web/protocol/wire.js';

const peer = (version: string) => readPeer(decode(PeerInfo,
  encode(PeerInfo, { platform: 'Linux', version })));

class Stand {
  readonly posted: Outgoing[] = [];
  readonly said: FromWorker[] = [];
  hasRead: () => void = () => undefined;
  readonly transfer: Transfer;

  constructor(version = '1.4.9') {
    const link = {
      buffered: 0,
      post: (...messages: Outgoing[]) => { this.posted.push(...messages); },
      read: () => new Promise<void>((done) => { this.hasRead = done; }),
    } as unknown as Link;
    this.transfer = new Transfer(() => link, (m) => { this.said.push(m); });
    this.transfer.ready(peer(version));
  }

  send(...names: string[]): void {
    this.transfer.command({
      do: 'upload', id: 1, path: '/tmp', files: names.map((name, i) => ({
        name, file: new File(['x'.repeat(300_000 - i)], name),
      })),
    });
  }

  get id(): number {
    return this.posted.findLast((m) => m.fileAction?.receive)
      ?.fileAction?.receive?.id ?? 0;
  }

  answer(m: Outgoing): void {
    this.transfer.message(decodeMessage(encodeMessage(m)));
  }

  confirm(fileNum: number): void {
    this.answer({ fileAction: {
      sendConfirm: { id: this.id, fileNum, offsetBlk: 0 } } });
  }

  get job(): JobState | undefined {
    const last = this.said.findLast((m) => m.say === 'job');
    return last?.say === 'job' ? last.job : undefined;
  }

  blocks(fileNum: number): number {
    return this.posted.reduce((n, { fileResponse: r }) =>
      n + (r?.block?.fileNum === fileNum ? r.block.data?.length ?? 0 : 0), 0);
  }

  async until(what: string, is: () => boolean): Promise<void> {
    const end = Date.now() + 20_000;
    while (!is()) {
      assert.ok(Date.now() < end, what);
      await new Promise((done) => setTimeout(done, 5));
    }
  }
}

const ended = (m: Outgoing) => m.fileResponse?.done !== undefined;

test('a file counts as sent when the device has read it, not before',
  async () => {
    const s = new Stand();
    s.send('');
    s.confirm(0);
    await s.until('all is posted', () => s.posted.some(ended));
    await s.until('the last word is asked for', () => s.job?.bytes === 300_000);
    assert.equal(s.job?.state, 'running');
    s.hasRead();
    await s.until('it is done', () => s.job?.state === 'done');
  });

test('a file whose end was lost on the way is asked about again', async () => {
  const s = new Stand();
  s.send('');
  s.confirm(0);
  await s.until('all is posted', () => s.posted.some(ended));
  const first = s.id;
  s.transfer.lost(false);
  s.hasRead();
  await s.until('it waits', () => s.job?.state === 'interrupted');
  s.transfer.ready(peer('1.4.9'));
  await s.until('another job', () => s.id !== first);
  const digest = s.posted.findLast((m) => m.fileResponse?.digest)
    ?.fileResponse?.digest;
  assert.equal(digest?.isResume, true);
  s.answer({ fileAction: {
    sendConfirm: { id: s.id, fileNum: 0, skip: true } } });
  await s.until('the device has it', () =>
    s.posted.filter(ended).length === 2);
  await s.until('the last word is asked for', () => {
    s.hasRead();
    return s.job?.state === 'done';
  });
  assert.equal(s.job?.bytes, 300_000, 'counted once');
});

test('an older device is sent the unfinished file anew', async () => {
  const s = new Stand('1.4.1');
  s.send('');
  s.confirm(0);
  await s.until('all is posted', () => s.posted.some(ended));
  s.transfer.lost(false);
  s.transfer.ready(peer('1.4.1'));
  await s.until('another digest', () => s.posted.filter((m) =>
    m.fileResponse?.digest).length === 2);
  assert.equal(s.posted.findLast((m) => m.fileResponse?.digest)
    ?.fileResponse?.digest?.isResume, false);
});

test('no block of a refused file is counted to the next one', async () => {
  const s = new Stand();
  s.send('a', 'b');
  s.transfer.command({ do: 'pause', id: 1, paused: true });
  s.confirm(0);
  s.answer({ fileResponse: {
    error: { id: s.id, error: 'disk full', fileNum: 0 } } });
  s.transfer.command({ do: 'pause', id: 1, paused: false });
  s.confirm(1);
  await s.until('the other is sent', () => s.posted.some(ended));
  assert.deepEqual([s.blocks(0), s.blocks(1)], [0, 299_999]);
});

test('what moves nothing does not wait for the connection', async () => {
  const s = new Stand();
  s.transfer.command({ do: 'create', id: 1, path: '/tmp/new' });
  s.transfer.lost(false);
  await s.until('it has failed', () => s.job?.state === 'failed');
  assert.equal(s.job?.error, 'lost');
});

test('a session that ended for good ends its transfer', async () => {
  const s = new Stand();
  s.send('');
  s.transfer.lost(true);
  await s.until('it has failed', () => s.job?.state === 'failed');
  s.transfer.ready(peer('1.4.9'));
  assert.equal(s.posted.filter((m) => m.fileAction?.receive).length, 1);
});
