// Waits for what a test relies on.
import assert from 'node:assert/strict';

export async function until<T>(what: string, check: () => T):
Promise<NonNullable<T>> {
  for (const end = Date.now() + 20_000; ;) {
    const value = check();
    if (value)
      return value;
    assert.ok(Date.now() < end, `in vain: ${what}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}
