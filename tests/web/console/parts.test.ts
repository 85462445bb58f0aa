// What can be told without a browser.
import assert from 'node:assert/strict';
import test from 'node:test';

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
