import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Stage, until } from './stage.js';
import type { View } from './stage.js';

let stage: Stage;
before(async () => { stage = await Stage.open(); });
after(async () => { await stage.close(); });

// The tunnel to PORT of the device, its service's page asked for.
async function open(port: number, options = {}): Promise<View> {
  const view = await stage.page(options, '#id=123456789&use=tunnel');
  const { page } = view;
  await page.getByLabel('Host, as the device').fill('127.0.0.1');
  await page.getByLabel('Port').fill(String(port));
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByLabel('Password of the device').fill('Secret-1');
  await page.keyboard.press('Enter');
  return view;
}

const inside = (view: View) => view.page.frameLocator('iframe.tunnel-frame');

async function visit(view: View, path: string): Promise<void> {
  await view.page.getByLabel('Path at the service').fill(path);
  await view.page.getByRole('button', { name: 'Go', exact: true }).click();
}

test('a page of a service is opened with its style, picture, script and '
  + 'cookies', async () => {
  const view = await open(stage.service);
  const frame = inside(view);
  await frame.getByRole('heading', { name: 'Printer of the workshop' })
    .waitFor();
  const asked = await stage.event('tunnel');
  assert.deepEqual([asked['host'], asked['port'], asked['multiplex']],
    ['127.0.0.1', stage.service, true]);
  await frame.getByText('hello by fetch').waitFor();
  await frame.getByText('cookies: session=s1; seen=yes').waitFor();
  await until('the picture is there', () => frame.locator('#dot').evaluate(
    (e) => (e as HTMLImageElement).naturalWidth === 2));
  assert.equal(await frame.locator('h1').evaluate(
    (e) => getComputedStyle(e).color), 'rgb(1, 2, 3)');
  assert.equal(await view.page.getByLabel('Path at the service').inputValue(),
    '/home/');
  await view.shot('tunnel');
  await view.accessible('a page of a service');

  await frame.getByRole('link', { name: 'Next page' }).click();
  await frame.getByText('/home/next?from=home').waitFor();
  await view.page.getByRole('button', { name: 'Back' }).click();
  await frame.getByText('hello by fetch').waitFor();
  await frame.getByRole('button', { name: 'Send' }).click();
  await frame.getByText('name=Ada+%26+Bob').waitFor();
  await view.close();
});

test('what is not a page of the service is a file to save or a sentence',
  async () => {
    const view = await open(stage.service);
    const frame = inside(view);
    await frame.getByText('hello by fetch').waitFor();
    await frame.getByRole('link', { name: 'Elsewhere' }).click();
    await view.page.getByText('https://elsewhere.example/').waitFor();
    await frame.getByRole('link', { name: 'A file' }).click();
    const [file] = await Promise.all([
      view.page.waitForEvent('download'),
      view.page.getByRole('button', { name: 'Save' }).click(),
    ]);
    assert.equal(file.suggestedFilename(), 'paper.bin');
    assert.equal(readFileSync(await file.path()).length, 3000);
    await visit(view, '/jump');
    await view.page.getByText('https://elsewhere.example/far').waitFor();
    await view.accessible('a page that could not be opened');
    await view.close();
  });

test('a hostile page reaches neither the page around it nor the network',
  async () => {
    const view = await open(stage.service);
    await inside(view).getByText('hello by fetch').waitFor();
    await visit(view, '/hostile');
    const got = inside(view).locator('#got');
    await got.filter({ hasText: 'that is all' }).waitFor();
    const lines = (await got.innerText()).split('\n').slice(0, -1);
    assert.equal(lines.length, 11, lines.join('\n'));
    for (const line of lines)
      assert.match(line, /: refused$/);
    // The page around it goes on as if nothing had been.
    assert.equal(new URL(view.page.url()).pathname, '/web/');
    await visit(view, '/home/next');
    await inside(view).getByText('Second page').waitFor();
    // What it was refused is in the browser's log.
    view.faults.length = 0;
    await view.close();
  });

test('a service that is down, and a device without channels, are sentences',
  async () => {
    const view = await open(1);
    await view.page.getByText('The device does not reach http://127.0.0.1:1.')
      .waitFor();
    await view.page.getByRole('button', { name: 'Another service' }).click();
    await view.page.getByRole('button', { name: '127.0.0.1:1' }).waitFor();
    await view.shot('tunnel-target');
    await view.accessible('where a tunnel leads to');
    await view.page.getByLabel('Host, as the device').fill('https://nas');
    await view.page.getByRole('button', { name: 'Open', exact: true }).click();
    await view.page.getByText('Services with https cannot be opened')
      .waitFor();
    await view.close();
    await stage.script({ mux: false });
    const old = await open(stage.service);
    await old.page.getByText('Version 1.5 or newer is needed').waitFor();
    await stage.script({ mux: true });
    await old.close();
  });
