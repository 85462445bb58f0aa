import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Stage, until } from './stage.js';
import type { View } from './stage.js';

let stage: Stage;
const folder = mkdtempSync(join(tmpdir(), 'files-'));
before(async () => { stage = await Stage.open(); });
after(async () => {
  await stage.close();
  rmSync(folder, { recursive: true });
});

async function open(use: 'files' | 'terminal', options = {}): Promise<View> {
  const view = await stage.page(options, `#id=123456789&use=${use}`);
  await view.page.getByLabel('Password of the device').fill('Secret-1');
  await view.page.keyboard.press('Enter');
  return view;
}

const row = (view: View, name: string) =>
  view.page.getByRole('row', { name: new RegExp(`^${name}`) });

test('the folder of the device, down and up, by mouse and keyboard',
  async () => {
    const view = await open('files');
    await row(view, 'notes.txt').waitFor();
    await view.shot('files');
    await view.accessible('files');
    await row(view, 'photos').dblclick();
    await row(view, 'sea.jpg').waitFor();
    await view.page.keyboard.press('Backspace');
    await row(view, 'sea.jpg').focus();
    await view.page.keyboard.press('Backspace');
    await row(view, 'notes.txt').waitFor();
    await view.page.getByRole('button', { name: 'home' }).click();
    await row(view, 'ada').waitFor();
    await view.close();
  });

test('a file is sent whole, and asked about when it is there', async () => {
  const view = await open('files');
  await row(view, 'notes.txt').waitFor();
  const data = Buffer.alloc(1_000_003, 'abcdefg');
  const path = join(folder, 'upload.bin');
  writeFileSync(path, data);
  const choose = view.page.locator('input[type=file]').first();
  await choose.setInputFiles(path);
  const sent = await stage.event('uploaded');
  assert.equal(sent['name'], '/home/ada/upload.bin');
  assert.equal(sent['size'], data.length);
  assert.equal(sent['sha'], createHash('sha256').update(data).digest('hex'));
  await row(view, 'upload.bin').waitFor();
  const from = stage.events.length;
  await choose.setInputFiles(path);
  await view.page.getByText('upload.bin is there already').waitFor();
  await view.shot('replace');
  await view.accessible('replace');
  await view.page.getByRole('button', { name: 'Replace', exact: true })
    .click();
  await stage.event('uploaded', from);
  await view.close();
});

// Runs in the worker: whether something was made of WebAssembly.
function watchWasm(): void {
  const scope = self as unknown as { wasm: number };
  const real = WebAssembly.instantiate as (...a: unknown[]) =>
    Promise<WebAssembly.Instance>;
  scope.wasm = 0;
  WebAssembly.instantiate = (async (...a: unknown[]) => {
    const made = await real(...a);
    scope.wasm += 1;
    return made;
  }) as typeof WebAssembly.instantiate;
}

async function fetchFile(view: View, name: string): Promise<Buffer> {
  await row(view, name).click();
  const [file] = await Promise.all([
    view.page.waitForEvent('download', { timeout: 120_000 }),
    view.page.getByRole('button', { name: 'Fetch' }).click(),
  ]);
  return readFileSync(await file.path());
}

test('a session that moves much encrypts by WebAssembly, and nothing is lost '
  + 'between the two', async () => {
  await stage.file('/home/ada/huge.bin', 17 << 20);
  const view = await open('files');
  await row(view, 'huge.bin').waitFor();
  const worker = view.page.workers()[0];
  assert.ok(worker);
  await worker.evaluate(watchWasm);
  const huge = await fetchFile(view, 'huge.bin');
  assert.ok(huge.equals(Buffer.alloc(17 << 20)));
  await until('WebAssembly is there', () => worker.evaluate(() =>
    (self as unknown as { wasm: number }).wasm === 1));
  assert.equal(String(await fetchFile(view, 'notes.txt')),
    'remember the milk\n'.repeat(40));
  await stage.file('/home/ada/huge.bin', 0);
  await view.close();
});

test('a file is fetched whole, a folder as ZIP', async () => {
  const view = await open('files');
  await row(view, 'notes.txt').click();
  const [file] = await Promise.all([
    view.page.waitForEvent('download'),
    view.page.getByRole('button', { name: 'Fetch' }).click(),
  ]);
  assert.equal(file.suggestedFilename(), 'notes.txt');
  assert.equal(readFileSync(await file.path(), 'utf8'),
    'remember the milk\n'.repeat(40));
  await row(view, 'photos').click();
  const [zip] = await Promise.all([
    view.page.waitForEvent('download'),
    view.page.getByRole('button', { name: 'Fetch' }).click(),
  ]);
  assert.equal(zip.suggestedFilename(), 'photos.zip');
  const names = execFileSync('/usr/bin/python3', ['-c', `
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print(sorted((i.filename, i.file_size) for i in z.infolist()))`,
  await zip.path()], { encoding: 'utf8' });
  assert.equal(names.trim(),
    "[('sea.jpg', 200000), ('trees/oak.jpg', 90000)]");
  await view.shot('files-done');
  await view.close();
});

test('folders are made, renamed and deleted after a question', async () => {
  const view = await open('files');
  const { page } = view;
  await row(view, 'notes.txt').waitFor();
  await page.getByRole('button', { name: 'New folder' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('a/b');
  await page.getByText('not a name that every system').waitFor();
  await page.getByRole('textbox', { name: 'Name' }).fill('fresh');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await row(view, 'fresh').click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' })
    .click();
  await until('it is gone', async () =>
    await row(view, 'fresh').count() === 0);
  await view.close();
});

test('a terminal shows what the shell says, and sends what is typed',
  async () => {
    const view = await open('terminal');
    const { page } = view;
    const frame = page.frameLocator('iframe.terminal-frame').first();
    await frame.getByText('ada@workshop').waitFor();
    await frame.locator('textarea').focus();
    await page.keyboard.type('ls\n');
    await frame.getByText('hello from the device').first().waitFor();
    await page.getByRole('button', { name: 'New terminal' }).click();
    await stage.event('terminal', 0, (e) => e['kind'] === 1
      && String(e['data']).startsWith('0802'));
    await view.shot('terminal');
    await view.accessible('terminal');
    await view.close();
  });

test('files and terminal on a phone and in the dark', async () => {
  const phone = {
    viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true,
    colorScheme: 'dark' as const, deviceScaleFactor: 2,
  };
  const view = await open('files', phone);
  await row(view, 'notes.txt').waitFor();
  await view.shot('phone-files');
  await view.accessible('files on a phone');
  await view.close();
  const dark = await open('terminal', { colorScheme: 'dark' });
  await dark.page.frameLocator('iframe.terminal-frame').first()
    .getByText('ada@workshop').waitFor();
  await dark.shot('terminal-dark');
  await dark.close();
});
