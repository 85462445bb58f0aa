import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { Stage, until } from './stage.js';
import type { View } from './stage.js';

let stage: Stage;
before(async () => { stage = await Stage.open(); });
after(async () => { await stage.close(); });
afterEach(() => stage.script({ direct: '', relay: true }));

// The page's connections are kept, to see what became of them.
const watched = (page: Page) => page.addInitScript(() => {
  const all: RTCPeerConnection[] = [];
  const Real = RTCPeerConnection;
  Object.assign(globalThis, {
    all, RTCPeerConnection: class extends Real {
      constructor(c?: RTCConfiguration) {
        super(c);
        all.push(this);
      }
    },
  });
});

const states = (view: View): Promise<string[]> => view.page.evaluate(
  () => (globalThis as unknown as { all: RTCPeerConnection[] }).all
    .map((c) => c.connectionState));

async function connect(prepare = watched): Promise<View> {
  const view = await stage.page({}, '', prepare);
  await view.page.getByLabel('ID of the device').fill('123 456 789');
  await view.page.getByRole('button', { name: 'Connect' }).click();
  return view;
}

async function login(view: View): Promise<void> {
  await view.page.getByLabel('Password of the device').fill('Secret-1');
  await view.page.getByRole('button', { name: 'Continue' }).click();
}

const goes = (view: View, way: 'Direct' | 'Relay') =>
  view.page.getByText(new RegExp(`${way} · \\d`)).waitFor();

const secured = (from: number) => stage.events.slice(from)
  .filter((e) => e.event === 'secured').map((e) => e['direct']);

test('the direct way wins, through candidates of garbage, and the relay is '
  + 'left', async () => {
  await stage.script({ direct: 'yes', relay: false });
  const from = stage.events.length;
  const view = await connect();
  await login(view);
  await goes(view, 'Direct');
  await stage.event('relay closed', from);
  assert.deepEqual(secured(from), [true]);
  await view.page.getByRole('button', { name: /Direct · / }).click();
  await view.page.locator('dd', { hasText: /^Direct$/ }).waitFor();
  await view.shot('direct');
  await view.accessible('details of a direct session');
  await view.page.getByRole('button', { name: 'End' }).click();
  await until('the word of leaving', () => stage.messages(from)
    .find((m) => m.misc?.closeReason === ''));
  await until('nothing stays open', async () =>
    (await states(view)).every((s) => s === 'closed'));
  await view.close();
});

test('records of several parts pass both ways', async () => {
  await stage.script({ direct: 'yes', relay: false });
  const from = stage.events.length;
  const view = await stage.page({}, '#id=123456789&use=files');
  const { page } = view;
  await login(view);
  await page.getByRole('row', { name: /^report.pdf/ }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Fetch' }).click(),
  ]);
  const fetched = readFileSync(await file.path());
  assert.equal(fetched.length, 300_000);
  await page.locator('input[type=file]').first().setInputFiles(
    { name: 'back.pdf', mimeType: 'application/pdf', buffer: fetched });
  const sent = await stage.event('uploaded', from);
  assert.equal(sent['sha'],
    createHash('sha256').update(fetched).digest('hex'));
  assert.deepEqual(secured(from), [true]);
  await view.close();
});

test('a channel in which nobody speaks loses to the relay', async () => {
  await stage.script({ direct: 'mute' });
  const from = stage.events.length;
  const view = await connect();
  await login(view);
  await goes(view, 'Relay');
  assert.deepEqual(secured(from), [false]);
  await until('the direct way is closed', async () =>
    (await states(view)).every((s) => s === 'closed'));
  assert.equal((await states(view)).length, 1);
  await view.close();
});

test('an answer that is none, and a browser without: the relay as ever',
  async () => {
    await stage.script({ direct: 'garbage' });
    const view = await connect();
    await login(view);
    await goes(view, 'Relay');
    await view.close();
    await stage.script({ direct: 'yes' });
    const from = stage.events.length;
    const other = await connect((page) => page.addInitScript(() => {
      Object.assign(globalThis, { RTCPeerConnection: undefined });
    }));
    await login(other);
    await goes(other, 'Relay');
    assert.equal((await stage.event('asked', from))['offered'], false);
    await other.close();
  });

test('a direct way that breaks says so, and the session comes back by the '
  + 'relay', async () => {
  await stage.script({ direct: 'yes', relay: false });
  const view = await connect();
  await login(view);
  await goes(view, 'Direct');
  await stage.script({ relay: true });
  const from = stage.events.length;
  // It is said for the second before the next attempt.
  await Promise.all([
    view.page.getByText('The direct connection to the device broke.')
      .waitFor(),
    stage.cut(),
  ]);
  await stage.event('login', from);
  await goes(view, 'Relay');
  assert.equal((await stage.event('asked', from))['offered'], false);
  await view.close();
});

test('another certificate than the device signed is told nothing', async () => {
  await stage.script({ direct: 'forged', relay: false });
  const from = stage.events.length;
  const view = await connect();
  await view.page.getByText('could not be verified').waitFor();
  await until('the channel is closed', async () =>
    (await states(view)).every((s) => s === 'closed'));
  assert.deepEqual(secured(from), []);
  await view.close();
});
