// Voice calls, with the tone of Chromium's pretended microphone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { encodeMessage } from '../../../services/web/protocol/message.js';
import { Stage, until } from './stage.js';
import type { View } from './stage.js';

let stage: Stage;
before(async () => { stage = await Stage.open(); });
after(async () => { await stage.close(); });

async function open(permissions: string[] = ['microphone']): Promise<View> {
  const view = await stage.page({ permissions }, '#id=123456789');
  await view.page.getByLabel('Password of the device').fill('Secret-1');
  await view.page.keyboard.press('Enter');
  await view.page.getByRole('toolbar', { name: 'Session' }).waitFor();
  return view;
}

async function call(view: View): Promise<void> {
  // By the keyboard: the bar may have slid away by now.
  await view.page.getByRole('button', { name: 'More', exact: true })
    .press('Enter');
  await view.page.getByRole('menuitem', { name: 'Voice call' }).click();
}

const ring = (on: boolean) => {
  const m = encodeMessage({
    voiceCallRequest: { reqTimestamp: 1_700_000_000_000n, isConnect: on },
  });
  // What is inside the envelope: behind the tag of two bytes and the length.
  return stage.send(23, Buffer.from(m.subarray(3)).toString('hex'));
};

const speaking = (view: View) =>
  view.page.getByText('Speaking with workshop').waitFor();

const heard = (from: number) => stage.event('voice', from,
  (e) => e['loud'] === true);

test('a call: the device hears the microphone, also where its own sound was '
  + 'off, until it is turned off', async () => {
    const view = await open();
    const from = stage.events.length;
    await view.page.getByRole('button', { name: 'Sound off' }).press('Enter');
    await until('no sound is wanted', () => stage.messages(from)
      .find((m) => m.misc?.option?.disableAudio === 2));
    await call(view);
    await speaking(view);
    assert.deepEqual((await until('the format of our sound', () => stage
      .messages(from).find((m) => m.misc?.audioFormat)))
      .misc?.audioFormat, { sampleRate: 48_000, channels: 1 });
    const said = await heard(from);
    assert.equal(said['broken'], 0);
    // The bar stays while it is looked at.
    const more = view.page.getByRole('button', { name: 'More', exact: true });
    await more.focus();
    await more.hover();
    await view.shot('call');
    await view.accessible('call');
    await view.page.getByRole('button', { name: 'Microphone off' }).click();
    await view.page.getByText('workshop does not hear you').waitFor();
    await view.page.getByRole('button', { name: 'Microphone on' }).click();
    await speaking(view);
    await view.page.getByRole('button', { name: 'Hang up' }).click();
    await stage.event('call', from, (e) => e['connect'] === false);
    await until('the bar is gone', async () =>
      await view.page.getByText('Speaking with').count() === 0);
    await view.close();
  });

test('a call that is not taken, and one that ends there', async () => {
  await stage.script({ call: 'decline' });
  const view = await open();
  await call(view);
  await view.page.getByText('Nobody at the device took the call.').waitFor();
  await stage.script({ call: 'accept' });
  await call(view);
  await speaking(view);
  await ring(false);
  await view.page.getByText('The call has ended.').waitFor();
  await view.close();
});

test('the device calls: taken, and turned away', async () => {
  const view = await open();
  const from = stage.events.length;
  await ring(true);
  await view.page.getByText('workshop calls').waitFor();
  await view.shot('call-rings');
  await view.accessible('a ringing device');
  await view.page.getByRole('button', { name: 'Decline' }).click();
  const no = await stage.event('call answered', from);
  assert.deepEqual([no['accepted'], no['asked']],
    [false, 1_700_000_000_000]);
  const again = stage.events.length;
  await ring(true);
  await view.page.getByRole('button', { name: 'Accept' }).click();
  assert.equal((await stage.event('call answered', again))['accepted'], true);
  await speaking(view);
  await heard(again);
  await view.close();
});

test('without the microphone nobody is rung', async () => {
  const view = await open([]);
  const from = stage.events.length;
  await call(view);
  await view.page.getByText('does not give its microphone').waitFor();
  await view.page.getByText('Speaking with').waitFor({ state: 'detached' });
  assert.equal(stage.events.slice(from).some((e) => e.event === 'call'),
    false);
  await view.close();
});

test('a call ends with the connection', async () => {
  const view = await open();
  await call(view);
  await speaking(view);
  await stage.cut();
  await view.page.getByText('The call has ended.').waitFor();
  await view.close();
});
