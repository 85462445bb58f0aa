// The vectors of the protocol's tests, in the browser that runs the client:
// its numbers, arrays and curves are what counts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { chromium } from 'playwright-core';

const ROOT = process.env['ROOT'] ?? '';
const WEB = `${ROOT}/services/web`;
// Bytes that others computed, and what is built on them.
const FILES = ['cipher', 'secretbox', 'message', 'picture', 'session', 'reach',
  'direct'];

interface Result { readonly name: string; readonly error: string }

function bundle(): string {
  const imports = FILES.map((name) =>
    `import '${ROOT}/tests/web/protocol/${name}.test.ts';`).join('');
  const shim = `${ROOT}/tests/web/client/shim`;
  return execFileSync(`${WEB}/node_modules/.bin/esbuild`, [
    '--bundle', '--format=iife', '--log-level=error',
    `--alias:node:test=${shim}/test.ts`,
    `--alias:node:assert/strict=${shim}/assert.ts`,
    '--sourcefile=vectors.ts', '--loader=ts',
  ], {
    input: imports, cwd: ROOT, encoding: 'utf8', maxBuffer: 64 << 20,
    env: { ...process.env, NODE_PATH: `${WEB}/node_modules` },
  });
}

test('the vectors of identity, keys, records and messages hold in the browser',
  async () => {
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium', args: ['--no-sandbox'],
    });
    try {
      const page = await browser.newPage();
      const faults: string[] = [];
      page.on('pageerror', (e) => faults.push(String(e)));
      await page.addScriptTag({ content: bundle() });
      const results = await page.evaluate(() => (globalThis as unknown as
        { run(): Promise<Result[]> }).run());
      assert.deepEqual(faults, []);
      assert.ok(results.length > 60, `${results.length} tests`);
      assert.deepEqual(results.filter((r) => r.error !== ''), []);
    } finally {
      await browser.close();
    }
  });
