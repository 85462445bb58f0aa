// node:test in a browser: tests are kept, and run() runs them.
type Body = () => unknown;

const tests: [string, Body][] = [];

export function test(name: string, body: Body): void {
  tests.push([name, body]);
}

Object.assign(globalThis, {
  run: async () => {
    const results = [];
    for (const [name, body] of tests) {
      let error = '';
      try {
        await body();
      } catch (e) {
        error = e instanceof Error ? `${e.message}\n${e.stack}` : String(e);
      }
      results.push({ name, error });
    }
    return results;
  },
});
