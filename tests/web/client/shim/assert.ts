// node:assert/strict in a browser: what the protocol's tests use of it.
function text(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) =>
    typeof v === 'bigint' ? `${v}n`
      : ArrayBuffer.isView(v) ? [v.constructor.name, ...v as Uint8Array] : v)
    ?? 'undefined';
}

function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null
      || b === null)
    return Object.is(a, b);
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b))
    return false;
  if (a instanceof Map && b instanceof Map)
    return same([...a], [...b]);
  if (a instanceof Set && b instanceof Set)
    return same([...a], [...b]);
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((k) =>
    Object.hasOwn(b, k) && same((a as Record<string, unknown>)[k],
      (b as Record<string, unknown>)[k]));
}

function ok(value: unknown, message = 'not true'): asserts value {
  if (!value)
    throw new Error(message);
}

function equal(a: unknown, b: unknown, message = ''): void {
  ok(Object.is(a, b), `${message}: ${text(a)} is not ${text(b)}`);
}

function deepEqual(a: unknown, b: unknown, message = ''): void {
  ok(same(a, b), `${message}: ${text(a)} is not ${text(b)}`);
}

function match(value: string, pattern: RegExp): void {
  ok(pattern.test(value), `${value} is not ${pattern}`);
}

type Expected = RegExp | (new (...a: never[]) => Error);

function throws(body: () => unknown, expected?: Expected): void {
  try {
    body();
  } catch (e) {
    ok(expected === undefined || (expected instanceof RegExp
      ? expected.test(String(e)) : e instanceof expected), `wrong: ${String(e)}`);
    return;
  }
  ok(false, 'nothing was thrown');
}

async function rejects(promise: Promise<unknown>): Promise<void> {
  const kept = await promise.then(() => true, () => false);
  ok(!kept, 'it was not rejected');
}

export default { ok, equal, deepEqual, match, throws, rejects };
