// Every page, full and empty, wide and narrow, light and dark.
import assert from 'node:assert/strict';
import test from 'node:test';

import { stage, Visit } from './browser';
import { details, PAGES } from './pages';
import { waitFor } from './stack';

const s = stage();

async function look(v: Visit, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await v.go(path);
    await v.settled();
    await v.accessible(path);
    await v.noSideScroll(path);
  }
}

for (const colorScheme of ['light', 'dark'] as const)
  test(`every page is accessible and logs nothing (1440 px, ${colorScheme})`,
    async () => {
      const v = await Visit.admin(s, '/', { colorScheme });
      await look(v, [...PAGES, ...await details(s)]);
      await v.close();
    });

test('every page is usable at 360 px by touch', async () => {
  const v = await Visit.admin(s, '/', { isMobile: true, hasTouch: true,
    viewport: { width: 360, height: 740 } });
  await look(v, [...PAGES, ...await details(s)]);
  await v.close();
});

test('on a phone the open tab is in sight, and a change says what it was',
  async () => {
    const v = await Visit.admin(s, '/settings/deleted', { isMobile: true,
      hasTouch: true, viewport: { width: 390, height: 844 } });
    const tab = v.link('Deleted devices');
    await tab.and(v.page.locator('[aria-current]')).waitFor();
    await waitFor('the tab in sight', async () => {
      const box = await tab.boundingBox();
      return box && box.x >= 0 && box.x + box.width <= 390;
    });
    await v.go('/audit/console');
    await v.row(/./).getByText('Device disabled', { exact: true }).first()
      .waitFor();
    await v.close();
  });

test('every page is there in German', async () => {
  const v = await Visit.open(s, { locale: 'de-DE' });
  await v.field('Name').fill('admin');
  await v.field('Kennwort').fill(s.world.api.password);
  await v.press('Anmelden');
  await v.page.getByRole('heading', { name: 'Übersicht' }).waitFor();
  for (const path of PAGES) {
    await v.go(path);
    await v.settled();
    const text = await v.page.locator('body').innerText();
    assert.doesNotMatch(text, /\b(nav|ui|users|devices)\.[a-z]/i, path);
  }
  await v.close();
});

test('an unknown address says so and leads home', async () => {
  const v = await Visit.admin(s, '/nothing-here');
  await v.sees('There is no such page');
  await v.follow('Go to the start');
  await v.page.getByRole('heading', { name: 'Overview' }).waitFor();
  await v.close();
});

test('what is open in the bar stays open while a page arrives', async () => {
  const v = await Visit.admin(s, '/');
  let arrive: () => void = () => undefined;
  const held = new Promise<void>((done) => { arrive = done; });
  await v.page.route('**/assets/*.js', async (r) => {
    await held;
    await r.continue();
  });
  await v.go('/strategies');
  await v.page.getByRole('heading', { name: 'Strategies', level: 1 }).waitFor();
  await v.press('Account of admin');
  await v.page.getByRole('menuitem', { name: 'Sign out' }).waitFor();
  arrive();
  await v.button('Create strategy').first().waitFor();
  assert.ok(await v.page.getByRole('menuitem', { name: 'Sign out' })
    .isVisible());
  await v.close();
});
