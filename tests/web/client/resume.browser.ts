import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Stage, until } from './stage.js';
import type { View } from './stage.js';

const STALL = 1_000_000;        // bytes until the device stands still
let stage: Stage;
const folder = mkdtempSync(join(tmpdir(), 'resume-'));
before(async () => { stage = await Stage.open(); });
after(async () => {
  await stage.close();
  rmSync(folder, { recursive: true });
});

const sha = (data: Buffer) => createHash('sha256').update(data).digest('hex');
const row = (view: View, name: string) =>
  view.page.getByRole('row', { name: new RegExp(`^${name}`) });

async function open(): Promise<View> {
  const view = await stage.page({}, '#id=123456789&use=files');
  await view.page.getByLabel('Password of the device').fill('Secret-1');
  await view.page.keyboard.press('Enter');
  await row(view, 'film.webm').waitFor();
  return view;
}

const moved = (view: View) => view.page.locator('progress').last()
  .evaluate((e) => (e as HTMLProgressElement).value);

// The connection is cut when the page has as much as the device lets go.
async function cutWithin(view: View, least: number, from: number):
Promise<void> {
  await stage.event('stalled', from);
  await until('the page has its part', async () =>
    await moved(view) >= least);
  await stage.cut();
  await stage.script({ stall: 0 });
}

test('a fetched file goes on where the connection broke', async () => {
  await stage.script({ stall: STALL });
  const view = await open();
  const from = stage.events.length;
  await row(view, 'film.webm').click();
  const download = view.page.waitForEvent('download');
  await view.page.getByRole('button', { name: 'Fetch' }).click();
  await cutWithin(view, STALL, from);
  const file = await download;
  const [first, second, ...more] = stage.events.slice(from)
    .filter((e) => e.event === 'sending');
  assert.equal(first?.['offset'], 0);
  assert.ok(Number(second?.['offset']) >= STALL, 'not from its start');
  assert.deepEqual(more, []);
  assert.equal(sha(readFileSync(await file.path())), second?.['sha']);
  await view.close();
});

test('a fetched folder goes on in its ZIP', async () => {
  await stage.script({ stall: 100_000 });
  const view = await open();
  const from = stage.events.length;
  await row(view, 'photos').click();
  const download = view.page.waitForEvent('download');
  await view.page.getByRole('button', { name: 'Fetch' }).click();
  await cutWithin(view, 100_000, from);
  const file = await download;
  const offsets = stage.events.slice(from).filter((e) =>
    e.event === 'sending').map((e) => Number(e['offset']) > 0);
  assert.deepEqual(offsets, [false, true, false]);
  const names = execFileSync('/usr/bin/python3', ['-c', `
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print(sorted((i.filename, i.file_size) for i in z.infolist()))`,
  await file.path()], { encoding: 'utf8' });
  assert.equal(names.trim(),
    "[('sea.jpg', 200000), ('trees/oak.jpg', 90000)]");
  await view.close();
});

test('a sent file goes on where the device is', async () => {
  await stage.script({ stall: STALL });
  const view = await open();
  const data = Buffer.from(Array.from({ length: 3_000_001 },
    (_, i) => i * 7919 >> 5 & 255));
  const path = join(folder, 'sent.bin');
  writeFileSync(path, data);
  const from = stage.events.length;
  await view.page.locator('input[type=file]').first().setInputFiles(path);
  await stage.event('stalled', from);
  await stage.cut();
  await stage.script({ stall: 0 });
  const goes = await stage.event('goes on', from);
  assert.ok(Number(goes['offset']) >= STALL, 'not from its start');
  const sent = await stage.event('uploaded', from);
  assert.equal(sent['size'], data.length);
  assert.equal(sent['sha'], sha(data));
  await view.page.getByText('Done', { exact: true }).waitFor();
  await view.close();
});

test('a paused file stands still, and goes on where it was', async () => {
  await stage.script({ stall: STALL });
  const view = await open();
  const from = stage.events.length;
  await row(view, 'film.webm').click();
  const download = view.page.waitForEvent('download');
  await view.page.getByRole('button', { name: 'Fetch' }).click();
  await stage.event('stalled', from);
  await until('the page has its part', async () => await moved(view) >= STALL);
  await view.page.getByRole('button', { name: 'Pause' }).click();
  await view.page.getByText('Paused', { exact: true }).waitFor();
  await stage.script({ stall: 0 });
  await stage.event('file', from, (e) => e['kind'] === 8);
  const kept = await moved(view);
  assert.ok(kept < 3_000_000);
  await view.page.getByRole('button', { name: 'Go on' }).click();
  const file = await download;
  const sendings = stage.events.slice(from).filter((e) =>
    e.event === 'sending');
  assert.equal(sendings.at(-1)?.['offset'], kept);
  assert.equal(sha(readFileSync(await file.path())), sendings.at(-1)?.['sha']);
  await view.close();
});
