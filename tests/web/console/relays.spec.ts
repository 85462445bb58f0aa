// Whom the relays slow or refuse, and what the site stands on.
import assert from 'node:assert/strict';
import test from 'node:test';

import { stage, Visit } from './browser';
import { waitFor } from './stack';

// Nobody serves TLS there, so the only look at it is soon over.
const s = stage({ empty: true, env: { PUBLIC_NAMES: 'localhost:1' } });

test('the lists that a relay uses are shown with their file and bad lines',
  async () => {
    await s.world.relay('relay-berlin', [
      { setting: 'BLACKLIST', path: '/data/blacklist.txt', missing: true,
        entries: 0, first: [], bad: [] },
      { setting: 'BLOCKLIST', path: '/data/blocklist.txt', entries: 3,
        first: ['192.0.2.0/24', '2001:db8::7'], bad: ['7: nonsense'] }]);
    const v = await Visit.admin(s, '/');
    await v.page.getByRole('heading', { name: 'Address lists of the relays' })
      .waitFor();
    const refused = v.page.getByRole('row', { name: /Refused/ });
    await refused.getByText('/data/blocklist.txt').waitFor();
    await refused.getByText('3 entries').click();
    for (const text of ['192.0.2.0/24', '2001:db8::7', 'and 1 more'])
      await refused.getByText(text).waitFor();
    await refused.getByText('One line is no address').click();
    await refused.getByText('7: nonsense').waitFor();
    const slowed = v.page.getByRole('row', { name: /Slowed/ });
    assert.match(await slowed.innerText(), /None[^]*Not there/);
    await v.accessible('/');
    await v.noSideScroll('/');
    await v.close();
  });

async function certificate(state: string, days: number): Promise<void> {
  const { redis } = s.world;
  await waitFor('the look of the api itself', async () =>
    !(await redis.do('HGET', 'api:certificate', 'asked')).startsWith('$-'));
  const now = Math.floor(Date.now() / 1000);
  await redis.do('HSET', 'api:certificate', 'state', state, 'asked',
    String(now), 'expires', String(now + days * 86400 + 3600), 'why', '');
}

test('the overview shows certificate, database and refusals by reason',
  async () => {
    await certificate('trusted', 9);
    await s.world.relay('relay-berlin', [], { no_ticket: 7, new_word: 3 });
    const v = await Visit.admin(s, '/');
    const health = v.page.getByRole('region',
      { name: 'Certificate and database' });
    for (const text of ['Trusted', '9 days left', 'localhost:1',
      /no limit/, 'Every change'])
      await health.getByText(text).first().waitFor();
    await v.sees(/certificate of localhost:1 ends in 9 days/);
    const row = v.page.getByRole('row', { name: /has not allowed it/ });
    assert.match(await row.innerText(), /Relay\s+7/);
    await v.page.getByRole('row', { name: /new_word/ }).waitFor();
    await v.accessible('/');
    await v.noSideScroll('/');
    await v.close();
  });

test('the first steps have the own password and the state of the certificate',
  async () => {
    await certificate('private', 60);
    const v = await Visit.admin(s, '/');
    const guide = v.page.getByRole('region', { name: 'First steps' });
    await guide.getByRole('link', { name: /password of your own/ }).waitFor();
    await guide.getByText('Of no public authority, 60 days left').waitFor();
    await v.close();
  });
