// What the home page lists for who is signed in, with the ID server's word
// on who is online; the api's answers are made up here.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { Stage } from './stage.js';

let stage: Stage;
before(async () => { stage = await Stage.open(); });
after(async () => { await stage.close(); });

const BOOKS: Readonly<Record<string, object[]>> = {
  mine: [{ id: '123456789', alias: 'Till', platform: 'Windows' }],
  theirs: [],
};

async function answers(page: Page): Promise<void> {
  const json = (path: string, value: object) =>
    page.route('**' + path, (r) => r.fulfill({ json: value }));
  await json('/api/currentUser', { name: 'ann', display_name: 'Ann Smith' });
  await json('/api/peers?*', { total: 2, data: [
    { id: '123456789', info: { device_name: 'Reception', os: 'Windows 11' } },
    { id: '987654321', info: { device_name: 'Workshop', os: 'Debian' } }] });
  await json('/api/ab/personal', { guid: 'mine', name: 'My address book' });
  await json('/api/ab/shared/profiles?*', { total: 1, data: [
    { guid: 'theirs', name: 'Branch offices' }] });
  await page.route('**/api/ab/peers?*', (r) => {
    const data = BOOKS[new URL(r.request().url()).searchParams.get('ab') ?? ''];
    return r.fulfill({ json: { total: data?.length, data } });
  });
}

test('devices, books and who is online are listed, and typing finds them',
  async () => {
    const view = await stage.page({}, '', answers);
    const { page } = view;
    const reach = page.getByRole('region', { name: 'Devices you may reach' });
    const tile = (name: string) => reach.getByRole('listitem')
      .filter({ hasText: name });
    await tile('Reception').getByText('Online').waitFor();
    await tile('Workshop').getByText('Offline').waitFor();
    await page.getByText('My address book').click();
    await page.getByRole('button', { name: /^Till/ }).getByText('Online')
      .waitFor();
    await page.getByText('Branch offices').click();
    await page.getByText('Nobody has put a device into it yet.').waitFor();
    await view.accessible('home of a user');
    await view.shot('home-user');
    await page.getByLabel('ID of the device').fill('work');
    await tile('Reception').waitFor({ state: 'detached' });
    assert.equal(await tile('Workshop').count(), 1);
    await view.close();
  });

test('what cannot be read is said, and read when asked again', async () => {
  const view = await stage.page({}, '', async (page) => {
    await answers(page);
    await page.route('**/api/peers?*', (r) =>
      r.fulfill({ status: 200, json: { error: 'It is broken' } }),
    { times: 1 });
  });
  await view.page.getByText('It is broken').waitFor();
  await view.page.getByRole('button', { name: 'Try again' }).click();
  await view.page.getByText('Reception').waitFor();
  await view.close();
});
