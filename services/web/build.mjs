// Writes dist/: the console at dist/, the web client at dist/web/ (a folder
// of its own, so that another client can be put in its place). Names of
// scripts and styles carry a hash of their content; what an index loads is
// pinned by Subresource Integrity; .gz and .br stand beside each file.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import zlib from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const gzip = promisify(zlib.gzip);
const brotli = promisify(zlib.brotliCompress);

// `base` stands before what the index loads: the console's index answers for
// every path below `/`. `main` is the page; `extra` are scripts that it starts by name (workers,
// frames): the page finds their names in data attributes of <html>.
const SITES = [
  { name: 'console', out: '', base: '/', main: 'main.tsx', extra: {} },
  {
    name: 'client', out: 'web', base: '', main: 'main.tsx',
    extra: {
      worker: 'worker/main.ts', player: 'audio/player.ts',
      terminal: 'terminal/frame.ts',
    },
    alone: { tunnel: 'tunnel/frame/frame.ts' },
  },
];

// Most bytes before the first view, gzip: what is not needed for it is to be
// loaded when it is.
const MOST = { console: 60_000, client: 80_000 };

const TARGET = ['chrome94', 'firefox130', 'safari16.4'];

// Too small to be worth a second copy.
const COMPRESS_FROM = 512;
const COMPRESSED = /\.(html|js|css|svg|json|webmanifest)$/;

const bundled = [];

const integrity = (bytes) =>
  'sha384-' + createHash('sha384').update(bytes).digest('base64');

async function bundle(site) {
  const extra = Object.entries(site.extra)
    .filter(([, path]) => existsSync(join(here, site.name, path)));
  const result = await build({
    absWorkingDir: here,
    entryPoints: [
      { in: join(site.name, site.main), out: 'page' },
      ...extra.map(([out, path]) => ({ in: join(site.name, path), out })),
    ],
    outdir: join(dist, site.out, 'assets'),
    entryNames: '[name]-[hash]', chunkNames: 'part-[hash]',
    assetNames: '[name]-[hash]',
    bundle: true, splitting: true, minify: true, format: 'esm',
    target: TARGET,
    jsx: 'automatic', jsxImportSource: 'preact',
    loader: { '.svg': 'file', '.woff2': 'file' },
    legalComments: 'none', metafile: true, logLevel: 'warning',
  });
  bundled.push(...Object.values(result.metafile.outputs)
    .flatMap((o) => Object.keys(o.inputs)));
  return result.metafile.outputs;
}

// Every file a page needs before it can show anything, entry first.
function closure(outputs, entry) {
  const files = [entry];
  for (const file of files)
    for (const i of outputs[file].imports)
      if (i.kind === 'import-statement' && !files.includes(i.path))
        files.push(i.path);
  return files;
}

const entryOf = (outputs, path) =>
  Object.keys(outputs).find((f) => outputs[f].entryPoint === path);

async function tag(site, file, write) {
  const bytes = await readFile(join(here, file));
  const url = site.base + relative(join('dist', site.out), file);
  return write(url, integrity(bytes));
}

async function writePage(site, outputs, template, main, data) {
  const base = join('dist', site.out);
  const scripts = closure(outputs, main);
  const css = outputs[main].cssBundle ? [outputs[main].cssBundle] : [];
  const head = [
    ...await Promise.all(css.map((f) => tag(site, f, (url, sum) =>
      `<link rel="stylesheet" href="${url}" integrity="${sum}">`))),
    ...await Promise.all(scripts.slice(1).map((f) => tag(site, f, (url, sum) =>
      `<link rel="modulepreload" href="${url}" integrity="${sum}">`))),
    await tag(site, main, (url, sum) =>
      `<script type="module" src="${url}" integrity="${sum}"></script>`),
  ].join('\n');
  const attributes = Object.entries(data)
    .map(([k, v]) => ` data-${k}="${v}"`).join('');
  const html = (await readFile(join(here, site.name, template), 'utf8'))
    .replace('<html', `<html${attributes}`)
    .replace('<!-- scripts -->', head);
  await writeFile(join(here, base, template), html);
  return [join(base, template), ...css, ...scripts];
}

async function buildSite(site) {
  const outputs = await bundle(site);
  const base = join('dist', site.out);
  const data = {};
  for (const [name, path] of Object.entries(site.extra)) {
    const file = entryOf(outputs, join(site.name, path));
    if (file)
      data[name] = relative(base, file);
  }
  const fixed = join(here, site.name, 'static');
  if (existsSync(fixed))
    await cp(fixed, join(dist, site.out), { recursive: true });
  const main = entryOf(outputs, join(site.name, site.main));
  const first = await writePage(site, outputs, 'index.html', main, data);
  if (data.terminal && existsSync(join(here, site.name, 'terminal.html')))
    await writePage(site, outputs, 'terminal.html',
      join(base, data.terminal), {});
  if (site.alone)
    for (const [name, path] of Object.entries(site.alone))
      await writeAlone(site, name, path);
  if (data.worker)
    for (const f of closure(outputs, join(base, data.worker)))
      if (!first.includes(f))
        first.push(f);
  return first;
}

// The page that shows a service behind a device: its policy lets it load
// nothing, so its script stands in it, as a classic one.
async function writeAlone(site, name, path) {
  const { outputFiles: [script] } = await build({
    absWorkingDir: here, entryPoints: [join(site.name, path)], write: false,
    bundle: true, minify: true, format: 'iife', charset: 'ascii',
    target: TARGET, legalComments: 'none', logLevel: 'warning',
  });
  const text = script.text.replaceAll('</script', '<\\/script');
  const html = await readFile(join(here, site.name, `${name}.html`), 'utf8');
  await writeFile(join(dist, site.out, `${name}.html`),
    html.replace('/* inline */', () => text.trim()));
}

// The licences of the packages whose code is in the bundles.
async function writeLicences(inputs) {
  const packages = new Set(inputs
    .map((f) => /^(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(f)?.[1])
    .filter((folder) => folder));
  const texts = [];
  for (const folder of [...packages].sort()) {
    const about = JSON.parse(
      await readFile(join(here, folder, 'package.json'), 'utf8'));
    const licence = (await readdir(join(here, folder)))
      .find((f) => /^(licen[sc]e|copying)/i.test(f));
    texts.push(`${about.name} ${about.version} (${about.license})\n\n`
      + (licence ? await readFile(join(here, folder, licence), 'utf8') : ''));
  }
  await writeFile(join(dist, 'licences.txt'),
    texts.join('\n' + '-'.repeat(72) + '\n\n'));
}

async function* files(folder) {
  for (const e of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, e.name);
    if (e.isDirectory())
      yield* files(path);
    else
      yield path;
  }
}

async function compress(path) {
  const bytes = await readFile(path);
  const sizes = { bytes: bytes.length, integrity: integrity(bytes) };
  if (!COMPRESSED.test(path) || bytes.length < COMPRESS_FROM)
    return sizes;
  const gz = await gzip(bytes, { level: 9 });
  const br = await brotli(bytes, {
    params: {
      [zlib.constants.BROTLI_PARAM_QUALITY]: 11,
      [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  await writeFile(path + '.gz', gz);
  await writeFile(path + '.br', br);
  return { ...sizes, gzip: gz.length, br: br.length };
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const first = {};
for (const site of SITES)
  if (existsSync(join(here, site.name, site.main)))
    first[site.name] = await buildSite(site);

await writeLicences(bundled);
const sizes = {};
for await (const path of files(dist))
  sizes[relative(dist, path)] = await compress(path);
const totals = {};              // gzip, before the first view
for (const [site, paths] of Object.entries(first)) {
  const total = paths.reduce((sum, path) => {
    const s = sizes[relative('dist', path)];
    return sum + (s.gzip ?? s.bytes);
  }, 0);
  totals[site] = total;
  console.log(`${site}: ${(total / 1000).toFixed(1)} kB gzip before the first`
    + ` view (${paths.length} files)`);
  if (total > MOST[site]) {
    console.error(`${site}: at most ${MOST[site] / 1000} kB may be loaded`
      + ' before the first view');
    process.exitCode = 1;
  }
}
await writeFile(join(dist, 'manifest.json'),
  JSON.stringify({ first: totals, files: sizes }, null, 1) + '\n');
