// A new company from the first start to the audit's export, through nginx
// with TLS, with the mouse (and a keyboard for words). Only the device calls
// the api by itself.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { after, before } from 'node:test';

import { chromium } from 'playwright-core';

import { type Stage, Visit } from './browser';
import { BINARY, ROOT, waitFor, type World } from './stack';
import { totp } from './totp';

interface Happened {
  event: string;
  [name: string]: unknown;
}

// company.py: the site and the device.
class Company {
  readonly events: Happened[] = [];
  private child!: ChildProcess;

  async start(): Promise<void> {
    this.child = spawn('/usr/bin/python3',
      [join(ROOT, 'tests/web/console/company.py'), dirname(BINARY)],
      { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.child.stdout! }).on('line', (line) =>
      this.events.push(JSON.parse(line) as Happened));
    await this.happens('ready', 120);
  }

  happens(event: string, seconds = 20): Promise<Happened> {
    return waitFor(event, () => {
      assert.equal(this.child.exitCode, null, 'the site has ended');
      return this.events.find((e) => e.event === event);
    }, seconds);
  }

  async enrol(): Promise<void> {
    this.child.stdin!.write('enrol\n');
    await this.happens('enrolled');
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.child.once('exit', done));
    this.child.stdin!.end();
    await ended;
  }
}

// As pages write it.
const ID = '123\u202f456\u202f789';

const company = new Company();
const s = {} as Stage;

before(async () => {
  await company.start();
  const { url, password } = company.events[0]!;
  const text = await waitFor('the first password', () =>
    existsSync(String(password)) && readFileSync(String(password), 'utf8'));
  s.world = { api: { base: String(url), password: text.trim() } } as World;
  s.browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'] });
});
after(async () => {
  await s.browser?.close();
  await company.stop();
});

// No browser takes a service worker over a certificate it does not trust.
const open = () => Visit.open(s,
  { ignoreHTTPSErrors: true, serviceWorkers: 'block' });
const page = (v: Visit, name: string) => v.page.getByRole('navigation',
  { name: 'Pages' }).first().getByRole('link', { name, exact: true }).click();
const confirm = (v: Visit, name: string) =>
  v.dialog().getByRole('button', { name, exact: true }).click();

async function firstVisit(v: Visit): Promise<void> {
  await v.sees('First visit?');
  await v.signIn('admin', s.world.api.password);
  await v.sees('First steps');
  await v.press('Skip');
  await page(v, 'Client set-up');
  await v.page.locator('.copy.block code').first().waitFor();
}

async function people(v: Visit): Promise<void> {
  await page(v, 'User groups');
  for (const name of ['Support', 'Sales']) {
    await v.press('Create user group');
    await v.field('Name').fill(name);
    await confirm(v, 'Create user group');
    await v.page.getByRole('heading', { name }).waitFor();
    await v.press('Close');
  }
  await page(v, 'Users');
  await v.press('Create user');
  await v.dialog().getByLabel('Name', { exact: true }).fill('sue');
  await v.dialog().getByLabel('First password').fill('first password');
  await v.choose('User group', 'Supp', 'Support');
  await confirm(v, 'Create user');
  await v.row('sue').getByText('Support').waitFor();
}

async function device(v: Visit): Promise<void> {
  await page(v, 'Devices');
  await company.enrol();
  // It is there without a reload.
  await v.row(ID).waitFor();
  await v.row('till-1').getByText('Online').waitFor();
}

async function policy(v: Visit): Promise<void> {
  await page(v, 'Strategies');
  await v.press('Create strategy');
  await v.field('Name').fill('Tills');
  await confirm(v, 'Create strategy');
  await v.page.getByRole('combobox', { name: /enable-audio/ })
    .selectOption('N');
  await v.press('Save strategy');
  await v.sees('Tills saved');
  await page(v, 'Devices');
  await v.menu('till-1', /Assign strategy/);
  await v.choose('Assign strategy', 'Til', 'Tills');
  await v.press('Assign strategy');
  await v.row('till-1').getByText('Tills').waitFor();
  assert.deepEqual((await company.happens('strategy'))['options'],
    { 'enable-audio': 'N' });
}

async function book(v: Visit): Promise<void> {
  await page(v, 'Address books');
  await v.press('Create address book');
  await v.field('Name').fill('Tills');
  await confirm(v, 'Create address book');
  await v.press('Add device');
  await v.field('ID or address').fill('123 456 789');
  await v.field('Name in this book').fill('First till');
  await confirm(v, 'Add device');
  await v.row('First till').waitFor();
  await v.follow('Sharing');
  await v.choose('Name', 'Supp', 'Support');
  await v.press('Share');
  await v.sees('Group Support');
}

test('from the first start to devices, people, rules and a shared book',
  async () => {
    const v = await open();
    await firstVisit(v);
    await people(v);
    await device(v);
    await policy(v);
    await book(v);
    await v.close();
  });

test('a colleague switches on her second factor, and finds the shared book',
  async () => {
    const v = await open();
    await v.signIn('sue', 'first password');
    await v.press('Account of sue');
    await v.page.getByRole('menuitem', { name: 'My account' }).click();
    await v.press('Set up');
    const key = (await v.dialog().locator('code').first().innerText())
      .replace(/\s/g, '');
    await v.field('Code of the app').fill(totp(key));
    await v.press('Switch on');
    await v.sees('Two-factor sign-in is on');
    await v.press('I have kept them');
    await page(v, 'Address books');
    await v.follow('Tills');
    await v.row('First till').waitFor();
    await v.close();
  });

async function connected(v: Visit): Promise<void> {
  await page(v, 'Devices');
  await v.follow('till-1');
  await v.press('In the browser');
  await v.page.getByRole('menuitem').first().click();
  await v.page.getByLabel('Password of the device').fill('Secret-1');
  await v.press('Continue');
  await v.page.getByRole('toolbar', { name: 'Session' }).waitFor();
  await v.page.locator('canvas.screen').waitFor();
}

test('a session in the browser is seen live, ended, and in the audit',
  async () => {
    const a = await open();
    await a.signIn('admin', s.world.api.password);
    await page(a, 'Live sessions');
    await a.sees('Nobody is connected');
    const b = await open();
    await b.signIn('admin', s.world.api.password);
    await connected(b);

    await a.row(ID).waitFor();
    await a.row(ID).hover();
    await a.row(ID).getByRole('button', { name: /^More for/ }).click();
    await a.page.getByRole('menuitem', { name: /Disconnect/ }).click();
    await confirm(a, 'Disconnect');
    await company.happens('told to disconnect');
    await company.happens('closed');
    await a.sees('Nobody is connected');
    await b.close();

    await page(a, 'Audit');
    await a.row(ID).getByText('Permanent password').waitFor();
    const waiting = a.page.waitForEvent('download');
    await a.press('Export as CSV');
    assert.match(readFileSync(await (await waiting).path(), 'utf8'),
      /123456789/);
    await a.follow('Changes');
    await a.row('Session disconnected').waitFor();
    await a.close();
  });
