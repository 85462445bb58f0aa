// Recordings: listed, watched by parts, downloaded, deleted.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync,
  writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';

import { stage, Visit } from './browser';

const folder = mkdtempSync(join(tmpdir(), 'console-recordings-'));
const s = stage({ devices: 12, env: { RECORD_DIR: folder } });
after(() => rmSync(folder, { recursive: true, force: true }));

const PATIENT = { timeout: 60_000 };

// A film of two seconds, as the browser itself writes it.
async function film(v: Visit): Promise<Buffer> {
  const text = await v.page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    canvas.width = 640;
    canvas.height = 360;
    const draw = canvas.getContext('2d')!;
    const recorder = new MediaRecorder(canvas.captureStream(10),
      { mimeType: 'video/webm; codecs=vp8' });
    const parts: Blob[] = [];
    recorder.ondataavailable = (e) => { parts.push(e.data); };
    const ended = new Promise((done) => { recorder.onstop = done; });
    recorder.start();
    for (let i = 0; i < 20; i++) {
      draw.fillStyle = `hsl(${i * 9} 60% 40%)`;
      draw.fillRect(0, 0, 640, 360);
      draw.fillStyle = 'white';
      draw.fillRect(20 + i * 28, 150, 60, 60);
      await new Promise((done) => setTimeout(done, 100));
    }
    recorder.stop();
    await ended;
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(''));
  });
  return Buffer.from(text, 'base64');
}

let made: Buffer | undefined;
let minutes = 0;

// A recording of device N, as an upload leaves it; each is a minute younger.
async function keep(
  v: Visit, n: number, o: { codec?: string; end?: string; bytes?: Buffer } = {},
): Promise<string> {
  const bytes = o.bytes ?? (made ??= await film(v));
  const at = 1_780_000_000 + 60 * ++minutes;
  const time = String(20260101120000123n + BigInt(minutes) * 100000n);
  const name = `incoming_${s.seeded.ids[n]}_${time}_display0_`
    + `${o.codec ?? 'vp8'}.${o.end ?? 'webm'}`;
  writeFileSync(join(folder, name), bytes);
  utimesSync(join(folder, name), at, at);
  return name;
}

function empty(): void {
  for (const name of readdirSync(folder))
    rmSync(join(folder, name));
}

test('a recording is found, watched and jumped in, and one link leads to it',
  async () => {
    empty();
    const v = await Visit.admin(s, '/recordings');
    await v.page.getByRole('heading', { name: 'No recordings yet' }).waitFor();
    const name = await keep(v, 0);
    await keep(v, 1);
    await v.page.reload();
    await v.row('reception').waitFor(PATIENT);
    await v.accessible('/recordings');
    await v.follow(/^reception/);
    const player = v.page.getByLabel('Recording of reception');
    await player.waitFor(PATIENT);
    await v.page.waitForFunction(() => {
      const f = document.querySelector('video');
      return f?.videoWidth === 640 && f.readyState >= 2;
    }, undefined, PATIENT);
    await player.evaluate((f: HTMLVideoElement) => f.play());
    await v.page.waitForFunction(() =>
      document.querySelector('video')!.currentTime > 0, undefined, PATIENT);
    await player.evaluate((f: HTMLVideoElement) => { f.currentTime = 1; });
    await v.page.waitForFunction(() => {
      const f = document.querySelector('video')!;
      return !f.seeking && f.currentTime >= 1;
    }, undefined, PATIENT);
    await v.panel().getByText('1 Jan 2026, 12:01').or(
      v.panel().getByText('Jan 1, 2026, 12:01')).first().waitFor();
    await v.accessible('a recording');
    await v.noSideScroll('a recording');
    assert.equal(new URL(v.page.url()).searchParams.get('file'), name);
    await v.page.reload();
    await player.waitFor(PATIENT);
    await v.page.keyboard.press('Escape');
    await v.panel().waitFor({ state: 'hidden' });
    await v.close();
  });

test('what the browser has no decoder for, or is no film, says so and is saved',
  async () => {
    empty();
    const v = await Visit.admin(s, '/recordings');
    v.tolerant = true;
    const other = Buffer.from('no film at all');
    const name = await keep(v, 2, { codec: 'h265', end: 'mp4', bytes: other });
    const broken = await keep(v, 3, { bytes: other });
    for (const [file, format] of [[broken, 'VP8, WebM'], [name, 'H.265, MP4']]) {
      await v.go('/recordings?file=' + file);
      await v.sees('This browser cannot play it');
      await v.sees(`Its format is ${format}.`);
      await v.accessible(file);
    }
    const saved = v.page.waitForEvent('download');
    await v.panel().getByRole('link', { name: 'Download' }).click();
    const download = await saved;
    assert.equal(download.suggestedFilename(), name);
    assert.deepEqual(readFileSync(await download.path()), other);
    await v.close();
  });

test('bytes that cannot be had are told as that, not as a missing decoder',
  async () => {
    empty();
    const v = await Visit.admin(s, '/recordings');
    v.tolerant = true;
    const name = await keep(v, 4);
    await v.page.route('**/api/recordings/incoming*', (route) => route.fulfill({
      status: 503, contentType: 'application/json; charset=utf-8',
      body: '{"error":"The storage does not answer"}' }));
    await v.go('/recordings?file=' + name);
    await v.sees('The storage does not answer');
    await v.close();
  });

test('a recording is deleted after a question, and the audit says by whom',
  async () => {
    empty();
    const v = await Visit.admin(s, '/recordings');
    const name = await keep(v, 0);
    await v.go('/recordings?file=' + name);
    await v.panel().getByRole('button', { name: /^More for/ }).click();
    await v.page.getByRole('menuitem', { name: /Delete recording/ }).click();
    await v.accessible('the question');
    await v.dialog().getByRole('button', { name: 'Delete recording' }).click();
    await v.sees('Recording deleted');
    await v.page.getByRole('heading', { name: 'No recordings yet' }).waitFor();
    assert.equal(existsSync(join(folder, name)), false);
    await v.go('/recordings?file=' + name);
    await v.sees('This recording is gone');
    await v.go('/audit/console');
    await v.row('Recording deleted').filter({ hasText: name }).waitFor();
    await v.close();
  });

test('many are deleted with one proof', async () => {
  empty();
  const v = await Visit.admin(s, '/recordings');
  v.tolerant = true;
  for (let n = 0; n < 6; n++)
    await keep(v, n);
  await v.page.reload();
  await v.page.getByRole('checkbox', { name: 'Select all on this page' })
    .check(PATIENT);
  const cookies = await v.page.context().cookies();
  const token = cookies.find((c) => c.value.length > 20)!.value;
  await s.world.redis.do('HSET',
    'token:' + createHash('sha256').update(token).digest('hex'),
    'proved', '1000', 'created', '1000');
  await v.press(/^Delete recording/);
  await v.dialog().getByLabel(/Type/).fill('6');
  await v.dialog().getByRole('button', { name: 'Delete recording' }).click();
  await v.field('Password').fill(s.world.api.password);
  await v.press('Confirm');
  await v.page.getByRole('heading', { name: 'No recordings yet' })
    .waitFor(PATIENT);
  assert.deepEqual(readdirSync(folder), []);
  await v.close();
});

test('a role sees and deletes what it may, and else there is no page',
  async () => {
    empty();
    const role = await s.world.admin.post<{ guid: string }>('/api/admin-roles',
      { name: 'Reviewers', type: 'global', perms: ['recordings.view'] });
    await s.world.admin.put(`/api/users/${s.seeded.users['anna']}`,
      { admin_roles: [role.guid] });
    const maker = await Visit.admin(s, '/recordings');
    const name = await keep(maker, 0);
    await maker.close();
    const v = await Visit.open(s, {}, '/recordings?file=' + name);
    await v.signIn('anna', 'correct horse');
    await v.panel().getByRole('link', { name: 'Download' }).waitFor(PATIENT);
    assert.equal(await v.panel().getByRole('button', { name: /^More for/ })
      .count(), 0);
    await v.close();
    const other = await Visit.open(s, {}, '/recordings');
    await other.signIn('ben', 'correct horse');
    await other.sees('Your role does not include this page');
    assert.equal(await other.link('Recordings').count(), 0);
    await other.close();
  });

for (const colorScheme of ['light', 'dark'] as const)
  test(`recordings at 390 px, in German (${colorScheme})`, async () => {
    empty();
    const v = await Visit.open(s, { locale: 'de-DE', colorScheme,
      viewport: { width: 390, height: 844 } }, '/recordings');
    await v.field('Name').fill('admin');
    await v.field('Kennwort').fill(s.world.api.password);
    await v.press('Anmelden');
    await v.page.getByRole('heading', { name: 'Noch keine Aufzeichnungen' })
      .waitFor();
    const name = await keep(v, 0);
    await keep(v, 1);
    await v.page.reload();
    await v.row('reception').waitFor(PATIENT);
    await v.accessible('list');
    await v.noSideScroll('list');
    await v.go('/recordings?file=' + name);
    await v.page.getByLabel('Aufzeichnung von reception').waitFor(PATIENT);
    await v.accessible('one');
    await v.noSideScroll('one');
    const text = await v.page.locator('body').innerText();
    assert.doesNotMatch(text, /\b(nav|ui|recordings|audit)\.[a-z]/i);
    await v.close();
  });
