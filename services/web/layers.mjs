// Who may import whom: protocol ← client, ui ← client, ui ← console. And
// protocol knows neither the DOM nor sockets nor a clock.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const MAY = {
  protocol: ['protocol'],
  ui: ['ui'],
  client: ['client', 'protocol', 'ui'],
  console: ['console', 'ui'],
};
const PACKAGES = {
  protocol: ['@bufbuild/protobuf/wire', '@noble/', 'fzstd', 'libsodium'],
};
const IMPORT = /(?:from|import)\s*\(?\s*'([^']+)'/g;
const WORLD = /\b(window|document|navigator|WebSocket|fetch|localStorage|Date\.now|performance|setTimeout|setInterval|Math\.random)\b/;
const MAX_LINES = 500;

function* sources(folder) {
  for (const e of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, e.name);
    if (e.isDirectory())
      yield* sources(path);
    else if (/\.tsx?$/.test(e.name))
      yield path;
  }
}

const faults = [];
for (const part of Object.keys(MAY)) {
  for (const path of sources(join(here, part))) {
    const name = relative(here, path);
    const text = readFileSync(path, 'utf8');
    for (const [, to] of text.matchAll(IMPORT)) {
      const target = to.startsWith('.')
        ? relative(here, normalize(join(dirname(path), to))).split('/')[0]
        : undefined;
      if (target !== undefined && !MAY[part].includes(target))
        faults.push(`${name}: imports ${to}; ${part} may import `
          + MAY[part].join(', '));
      if (target === undefined && PACKAGES[part]
          && !PACKAGES[part].some((p) => to.startsWith(p)))
        faults.push(`${name}: imports ${to}; ${part} may import `
          + PACKAGES[part].join(', '));
    }
    const code = text.replace(/\/\/.*|\/\*[^]*?\*\//g, '')
      .replace(/'[^'\n]*'/g, "''");
    const world = part === 'protocol' && WORLD.exec(code);
    if (world)
      faults.push(`${name}: ${world[0]}: protocol gets bytes and the clock`
        + ' as arguments');
    const lines = text.split('\n').length - 1;
    if (lines > MAX_LINES)
      faults.push(`${name}: ${lines} lines, at most ${MAX_LINES}`);
  }
}
for (const fault of faults)
  console.error(fault);
process.exit(faults.length > 0 ? 1 : 0);
