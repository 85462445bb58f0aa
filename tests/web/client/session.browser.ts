import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stage, until } from './stage.js';
import type { View } from './stage.js';

let stage: Stage;
before(async () => { stage = await Stage.open(); });
after(async () => { await stage.close(); });

async function connect(view: View, password = 'Secret-1'): Promise<void> {
  await view.page.getByLabel('ID of the device').fill('123 456 789');
  await view.page.getByRole('button', { name: 'Connect' }).click();
  await view.page.getByLabel('Password of the device').fill(password);
  await view.page.getByRole('button', { name: 'Continue' }).click();
}

const live = (view: View) =>
  view.page.getByRole('toolbar', { name: 'Session' }).waitFor();

const near = (a: readonly number[], b: readonly number[]) =>
  a.every((v, i) => Math.abs(v - (b[i] ?? 0)) < 60);

async function shows(view: View): Promise<void> {
  const places = [[0.1, 0.15, 255, 0, 0], [0.9, 0.15, 0, 255, 0],
    [0.1, 0.9, 0, 0, 255], [0.9, 0.9, 255, 255, 255]] as const;
  for (const [fx, fy, ...colour] of places)
    await until(`${colour.join()} at ${fx} ${fy}`, async () =>
      near(await view.pixel(fx, fy), colour));
}

test('from the id to the picture, with a wrong password on the way',
  async () => {
    const view = await stage.page();
    await view.shot('home-empty');
    await view.accessible('home');
    await connect(view, 'wrong');
    await view.page.getByText('The password is wrong.').waitFor();
    await view.shot('password');
    await view.accessible('password');
    await view.page.getByLabel('Password of the device').fill('Secret-1');
    await view.page.keyboard.press('Enter');
    await live(view);
    await shows(view);
    await view.shot('session');
    await view.accessible('session');
    const login = await stage.event('login');
    assert.equal(login['username'], stage.id);
    assert.match(String(login['my_id']), /^web-\d{8}$/);
    assert.equal(login['platform'], 'Web');
    // By the keyboard: the bar may have slid away by now.
    await view.page.getByRole('button', { name: 'End' }).press('Enter');
    await view.page.getByLabel('ID of the device').waitFor();
    await until('word of leaving', () => stage.messages()
      .find((m) => m.misc?.closeReason === ''));
    await view.close();
  });

for (const codec of ['vp8', 'av1', 'h264', 'vp9-444'])
  test(`pictures of ${codec}`, async () => {
    await stage.encode(codec);
    await stage.script({ codec });
    const view = await stage.page();
    await connect(view);
    await live(view);
    await shows(view);
    await view.close();
    await stage.script({ codec: 'vp9' });
  });

test('key exchange v1 with a newer device', async () => {
  await stage.script({ kx: 1 });
  const from = stage.events.length;
  const view = await stage.page();
  await connect(view);
  await live(view);
  assert.equal((await stage.event('secured', from))['kx'], 1);
  await view.close();
  await stage.script({ kx: 0 });
});

test('a device with another key is told nothing', async () => {
  await stage.script({ forged: true });
  const from = stage.events.length;
  const view = await stage.page({}, '#id=123456789');
  await view.page.getByText('could not be verified').waitFor();
  await view.shot('identity');
  assert.equal(stage.events.slice(from).some((e) => e.event === 'secured'),
    false);
  await view.close();
  await stage.script({ forged: false });
});

test('the second factor', async () => {
  await stage.script({ two_factor: true });
  const view = await stage.page();
  await connect(view);
  await view.page.getByLabel('Code of six digits').fill('111111');
  await view.page.getByRole('button', { name: 'Continue' }).click();
  await view.page.getByText('The code is wrong').waitFor();
  await view.shot('code');
  await view.accessible('code');
  await view.page.getByLabel('Code of six digits').fill('123456');
  await view.page.getByLabel('Do not ask this browser again').check();
  await view.page.getByRole('button', { name: 'Continue' }).click();
  await live(view);
  const code = await stage.event('code', 0, (e) => e['code'] === '123456');
  assert.equal(code['hwid'], 32);
  await view.close();
  await stage.script({ two_factor: false });
});

test('pointer, wheel and keys arrive', async () => {
  const view = await stage.page();
  await connect(view);
  await live(view);
  await shows(view);
  const from = stage.events.length;
  const box = (await view.page.locator('canvas.screen').boundingBox())!;
  const x = box.x + box.width / 2;
  const y = box.y + box.height / 2;
  await view.page.mouse.move(x, y);
  await view.page.mouse.down();
  await view.page.mouse.up();
  await view.page.mouse.wheel(0, 120);
  await view.page.keyboard.press('a');
  const all = await until('the key', () => {
    const m = stage.messages(from);
    return m.some((e) => e.keyEvent?.chr === 38 && !e.keyEvent.down) && m;
  });
  const masks = all.flatMap((m) => m.mouseEvent ? [m.mouseEvent] : []);
  assert.ok(masks.some((e) => e.mask === 0 && Math.abs(e.x - 320) < 3
    && Math.abs(e.y - 240) < 3));
  assert.deepEqual(masks.map((e) => e.mask).filter((n) => n > 0),
    [9, 10, 3]);
  assert.equal(masks.at(-1)?.y, -1);
  const down = all.find((m) => m.keyEvent?.down)?.keyEvent;
  assert.deepEqual([down?.chr, down?.mode], [38, 1]);
  await view.close();
});

test('a cut session comes back by itself, without a question', async () => {
  const view = await stage.page();
  await connect(view);
  await live(view);
  await shows(view);
  const from = stage.events.length;
  await stage.cut();
  await view.page.getByText('Next try in').waitFor();
  await view.shot('lost');
  await view.page.getByRole('button', { name: 'Now' }).click()
    .catch(() => undefined);
  await stage.event('login', from);
  await live(view);
  await shows(view);
  await view.close();
});

test('a disturbed record ends the session, and it comes back', async () => {
  await stage.script({ garbage: true });
  const view = await stage.page();
  await connect(view);
  await view.page.getByText('decryption failed').waitFor();
  await stage.script({ garbage: false });
  await live(view);
  await view.close();
});

test('every refusal of the server and the device is a sentence', async () => {
  const view = await stage.page({}, '#id=987654321');
  await view.page.getByText('No device has the ID').waitFor();
  await view.shot('unknown');
  await view.accessible('refusal');
  await view.page.getByRole('button', { name: 'Back' }).click();
  await stage.script({ error: 'Your ip is blocked by the peer' });
  await view.page.getByLabel('ID of the device').fill('123456789');
  await view.page.getByRole('button', { name: 'Connect' }).click();
  await view.page.getByText('IP whitelist').waitFor();
  await stage.script({ error: '' });
  await view.close();
});

test('chat, details, and displays', async () => {
  await stage.script({
    displays: [[0, 0, 640, 480], [640, 0, 640, 480]] });
  const view = await stage.page();
  await connect(view);
  await live(view);
  const { page } = view;
  await page.getByRole('button', { name: 'Chat' }).click();
  await page.getByRole('textbox', { name: 'Message' }).fill('hello');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('echo: hello').waitFor();
  await view.shot('chat');
  await view.accessible('chat');
  await page.mouse.move(720, 10);        // the handle: the bar comes back
  await page.getByRole('button', { name: /Relay/ }).click();
  await page.getByText('Fingerprint of the device').waitFor();
  await view.accessible('details');
  await view.shot('details');
  await page.mouse.move(720, 10);
  await page.getByRole('button', { name: /Relay/ }).click();
  const from = stage.events.length;
  // What both sides know: the device encodes no H.265.
  await page.getByRole('button', { name: 'Picture', exact: true })
    .press('Enter');
  const choice = page.getByRole('menuitemcheckbox',
    { name: /^(VP8|VP9|AV1|H\.26.)$/ });
  await until('the codecs', async () =>
    (await choice.allTextContents()).join() === 'VP8,VP9,AV1,H.264');
  await page.getByRole('menuitemcheckbox', { name: 'VP8', exact: true })
    .click();
  await until('VP8 is preferred', () => stage.messages(from).find((m) =>
    m.misc?.option?.supportedDecoding?.prefer === 4));
  await page.getByRole('button', { name: 'Displays and size' })
    .press('Enter');
  await view.shot('menu');
  await page.getByRole('menuitemcheckbox', { name: 'All displays' }).click();
  await until('both are captured', () => stage.messages(from).find((m) =>
    m.misc?.captureDisplays?.set.join() === '0,1'));
  await view.close();
  await stage.script({ displays: [[0, 0, 640, 480]] });
});

test('what the device copies can be copied here', async () => {
  const view = await stage.page({ permissions: ['clipboard-read',
    'clipboard-write'] });
  await connect(view);
  await live(view);
  // MultiClipboards of one text.
  await stage.send(28, '0a07120568656c6c6f');
  await until('the clipboard', async () => await view.page.evaluate(
    () => navigator.clipboard.readText()) === 'hello');
  const from = stage.events.length;
  await view.page.evaluate(() => navigator.clipboard.writeText('from here'));
  await view.page.locator('.keys').focus();
  await view.page.keyboard.press('Control+v');
  await until('the text at the device', () => stage.messages(from).find((m) =>
    m.multiClipboards?.clipboards.some((c) =>
      new TextDecoder().decode(c.content) === 'from here')));
  await until('the key behind it', () => stage.messages(from).find((m) =>
    m.keyEvent?.chr === 55 && m.keyEvent.down));
  await view.close();
});

test('the one documented escape gives the keyboard back', async () => {
  const view = await stage.page();
  await connect(view);
  await live(view);
  await view.page.locator('.keys').focus();
  await view.page.keyboard.press('Control+Alt+Shift+Escape');
  await until('focus in the toolbar', () => view.page.evaluate(
    () => document.activeElement?.closest('.toolbar') !== null));
  await view.close();
});

test('a device opens once, however late the account is known', async () => {
  const from = stage.events.length;
  let answered: Promise<unknown> = Promise.resolve();
  const view = await stage.page({}, '', async (page) => {
    answered = page.waitForResponse('**/api/currentUser');
    await page.route('**/api/currentUser', async (route) => {
      await new Promise((done) => setTimeout(done, 2000));
      await route.continue();
    });
  });
  await connect(view);
  await answered;
  await live(view);
  await view.page.getByText(/Relay · \d/).waitFor();
  assert.equal(await view.page.locator('canvas.screen').count(), 1);
  assert.equal(stage.events.slice(from)
    .filter((e) => e.event === 'secured').length, 1);
  await view.close();
});

test('on a phone, in the dark', async () => {
  const view = await stage.page({
    viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true,
    colorScheme: 'dark', deviceScaleFactor: 2,
  });
  await view.shot('phone-home');
  await view.accessible('phone home');
  await connect(view);
  await live(view);
  await shows(view);
  await view.shot('phone-session');
  await view.close();
});

test('a browser in German gets German', async () => {
  const view = await stage.page({ locale: 'de-DE', colorScheme: 'dark' });
  await view.page.getByRole('heading', { name: 'Mit einem Gerät verbinden' })
    .waitFor();
  await view.shot('german');
  await view.close();
});
