// Whom the relays slow or refuse.
import assert from 'node:assert/strict';
import test from 'node:test';

import { stage, Visit } from './browser';

const s = stage({ empty: true });

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
