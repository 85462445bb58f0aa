// Writes the pictures of docs/console.md (`make console-pictures`): the pages
// of the seeded company as a person sees them, at 1200 px, light.
import { join } from 'node:path';
import test from 'node:test';

import { stage, Visit } from './browser';
import { ROOT } from './stack';

const s = stage();

const PAGES = [
  ['overview', '/', 'Overview'],
  ['devices', '/devices', 'Devices'],
  ['access', '/access', 'Who may reach what'],
  ['audit', '/audit', 'Audit'],
  ['set-up', '/setup?system=windows', 'Client set-up'],
] as const;

test('the pictures of the console are written', async () => {
  const v = await Visit.admin(s, '/', { colorScheme: 'light',
    reducedMotion: 'reduce', viewport: { width: 1200, height: 700 } });
  const take = async (name: string, path: string, title: string) => {
    await v.go(path);
    await v.page.getByRole('heading', { name: title, level: 1 }).waitFor();
    await v.settled();
    await v.page.screenshot({
      path: join(ROOT, 'docs/pictures', `${name}.png`) });
  };
  for (const [name, path, title] of PAGES)
    await take(name, path, title);
  await v.go(`/devices/${s.seeded.devices[0]}?tab=settings`);
  await v.sees(/The strategy Office applies/);
  await v.page.screenshot({
    path: join(ROOT, 'docs/pictures/settings-of-a-device.png') });
  await v.close();
});
