// A browser as a person uses it: things are found by role and label. An
// error in its log, or a finding of axe, fails the test that caused it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';

import { type Browser, type BrowserContextOptions, chromium, type Page }
  from 'playwright-core';

import { seed, type Seeded } from './seed';
import { ROOT, World } from './stack';

const AXE = join(ROOT, 'services/web/node_modules/axe-core/axe.min.js');
const PATIENCE_MS = 60_000; // of a slow machine: only who fails waits it out

export interface Stage {
  world: World;
  browser: Browser;
  seeded: Seeded;
}

// One world and one browser for the tests of a file.
export function stage(o: {
  empty?: boolean; devices?: number; env?: Record<string, string>;
} = {}): Stage {
  const s = { world: new World(o.env) } as Stage;
  before(async () => {
    await s.world.start();
    if (!o.empty)
      s.seeded = await seed(s.world, o.devices);
    s.browser = await chromium.launch({
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox'] });
  });
  after(async () => {
    await s.browser?.close();
    await s.world.stop();
  });
  return s;
}

// What a browser logs for an answer that a test provokes on purpose.
const EXPECTED = /status of (400|401|403|404|409|412|503)|ERR_CONNECTION|net::ERR/;

// An interface came or went (other tests make networks): the page asks again.
const OF_THE_MACHINE = /net::ERR_NETWORK_CHANGED/;

// The web client asks the ID server, which these tests do not start.
const NO_ID_SERVER = /WebSocket connection to '.*\/ws\/id' failed/;

export class Visit {
  private readonly errors: string[] = [];
  tolerant = false;

  private constructor(readonly s: Stage, readonly page: Page) {
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (e) => this.errors.push(String(e)));
    page.on('console', (m) => {
      // Signed out, the page asks who it is: that answer is 401.
      const asked = m.location().url.endsWith('/api/currentUser');
      if (m.type() === 'error' && !asked && !OF_THE_MACHINE.test(m.text())
          && !NO_ID_SERVER.test(m.text())
          && !(this.tolerant && EXPECTED.test(m.text())))
        this.errors.push(`${m.text()} (${m.location().url})`);
    });
  }

  static async open(
    s: Stage, o: BrowserContextOptions = {}, path = '/',
  ): Promise<Visit> {
    const context = await s.browser.newContext({
      viewport: { width: 1440, height: 900 }, locale: 'en-US',
      acceptDownloads: true, ...o });
    const v = new Visit(s, await context.newPage());
    await v.go(path);
    return v;
  }

  static async admin(
    s: Stage, path = '/', o: BrowserContextOptions = {},
  ): Promise<Visit> {
    const v = await Visit.open(s, o, path);
    await v.signIn('admin', s.world.api.password);
    return v;
  }

  async go(path: string): Promise<void> {
    if (this.page.url().startsWith(this.s.world.api.base))
      await this.page.evaluate((to) => {
        history.pushState(null, '', to);
        dispatchEvent(new PopStateEvent('popstate'));
      }, path);
    else
      await this.page.goto(this.s.world.api.base + path);
    await this.page.getByRole('heading', { level: 1 }).first().waitFor();
  }

  async signIn(name: string, password: string): Promise<void> {
    await this.field('Name').fill(name);
    await this.field('Password').fill(password);
    await this.press('Sign in');
    await this.page.getByRole('navigation').first().waitFor();
  }

  field = (label: string) =>
    this.page.getByLabel(label, { exact: true }).locator('visible=true')
      .first();
  button = (name: string | RegExp) => this.page.getByRole('button',
    { name, exact: typeof name === 'string' });
  link = (name: string | RegExp) => this.page.getByRole('link',
    { name, exact: typeof name === 'string' });
  row = (text: string | RegExp) => this.page.getByRole('row')
    .filter({ hasText: text });
  text = (text: string | RegExp) => this.page.getByText(text).first();
  dialog = () => this.page.getByRole('dialog');
  panel = () => this.page.locator('.panel');

  async press(name: string | RegExp): Promise<void> {
    await this.button(name).first().click();
  }

  // What was SAID is offered to be undone for ten seconds: that comes before
  // looking at lists.
  async undo(said: string): Promise<void> {
    await this.page.locator('.toast', { hasText: said })
      .getByRole('button', { name: 'Undo' }).click();
    await this.sees('Undone');
  }

  async follow(name: string | RegExp): Promise<void> {
    await this.link(name).first().click();
  }

  async sees(text: string | RegExp): Promise<void> {
    await this.text(text).waitFor();
  }

  // Something chosen in the menu of a row or panel.
  async menu(of: string, item: string | RegExp): Promise<void> {
    const row = this.row(of).first();
    if (await row.count() > 0)
      await row.hover();
    await this.button(`More for ${of}`).first().click();
    await this.page.getByRole('menuitem', { name: item }).click();
  }

  async choose(label: string, typed: string, option: string): Promise<void> {
    await this.page.getByRole('combobox', { name: label, exact: true })
      .fill(typed);
    await this.page.getByRole('option', { name: option }).first().click();
  }

  // What the page asked for is there.
  async settled(): Promise<void> {
    await this.page.waitForFunction(() => !document.querySelector(
      '.skeleton, table[aria-busy=true], main:empty'));
  }

  // Says what axe finds on the page as it is now.
  async accessible(where = ''): Promise<void> {
    await this.page.evaluate(readFileSync(AXE, 'utf8'));
    const found = await this.page.evaluate(async () => {
      const axe = (globalThis as unknown as { axe: {
        run: (o: object) => Promise<{ violations: {
          id: string; help: string; nodes: { html: string }[] }[] }>;
      } }).axe;
      const r = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a',
        'wcag21aa', 'wcag22aa', 'best-practice'] });
      return r.violations.map((v) =>
        `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html)
          .join(' | ')}`);
    });
    assert.deepEqual(found, [], `axe ${where}`);
  }

  async noSideScroll(where: string): Promise<void> {
    const wide = await this.page.evaluate(() =>
      document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${where} scrolls sideways by ${wide} px`);
  }

  async close(): Promise<void> {
    await this.page.context().close();
    assert.deepEqual(this.errors, []);
  }
}
