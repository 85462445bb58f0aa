// What can be told without a browser.
import assert from 'node:assert/strict';
import test from 'node:test';

import { about } from '../../../services/web/console/audit/kinds';
import { configString, windowsName }
  from '../../../services/web/console/setup_string';
import { cell, csv } from '../../../services/web/ui/list/csv';

test('the configuration string is the one that clients know', () => {
  const s = { host: 'hbbs.example.com', relay: '',
    api: 'https://hbbs.example.com',
    key: 'A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=' };
  assert.equal(configString(s),
    'Qfi0zZi1kVKJkWHlHZIZWMRBnYDpWMrZ2VtFkdwUTWw40YkRDTF9EUvYHSFZTQiojI5V2ai'
    + 'wiIt92YuUGbw1WY4VmLzJmYo9yL6MHc0RHaiojIpBXYiwiIiojI5FGblJnIsISbvNmLlx'
    + 'GctFGel5yciJGaiojI0N3boJye');
  assert.equal(windowsName({ ...s, relay: 'r.example.com' }),
    'rustdesk-host=hbbs.example.com,key=A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZ'
    + 'BJVMbg=,api=https://hbbs.example.com,relay=r.example.com,.exe');
});

test('a spreadsheet takes no cell of an export for a formula', () => {
  for (const begin of ['=', '+', '-', '@', '\t', '\r', ' =', '\n+'])
    assert.equal(cell(begin + '1').startsWith(`"'`), true, begin);
  assert.equal(csv([['a', 'b"c', undefined]]), '"a","b""c",""\r\n');
});

test('what a change was about is said in words, by name, with no raw id', () => {
  const said = (iop: number, info: string) => about({ iop, info });
  // No catalogue is loaded here: a text is its key.
  assert.equal(said(25, 'ldap'), 'settings.ldap');
  assert.equal(said(25, 'constructor'), 'constructor');
  assert.equal(said(30, 'address 203.0.113.0/24'),
    'bans.address 203.0.113.0/24');
  assert.equal(said(31, 'device 987654321'), 'bans.device 987\u202f654\u202f321');
  assert.equal(said(12, '123456004'), '123\u202f456\u202f004');
  assert.equal(said(32, '01a2258f-7027-7174-977e-c188dfda8267 (For an (odd) '
    + 'visit)'), 'For an (odd) visit');
  assert.equal(said(9, 'device of sales'), 'device of sales');
});
