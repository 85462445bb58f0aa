// Keeps the shell of the page, so that it opens at once and says by itself
// when there is no network. Nothing of a session or an account is kept:
// only the page and its own scripts, styles and icons.
const CACHE = 'shell';
const SHELL = /\/(assets\/[^/]+|icon(\.svg|-\w+\.png)|manifest\.webmanifest)?$/;
const MAX_ENTRIES = 60;

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (e) => e.waitUntil(self.clients.claim()));

async function keep(request, response) {
  const cache = await caches.open(CACHE);
  await cache.put(request, response);
  const keys = await cache.keys();
  for (const old of keys.slice(0, Math.max(0, keys.length - MAX_ENTRIES)))
    await cache.delete(old);
}

// Names in assets/ change with their content; everything else is asked for
// first and kept for when there is no network.
async function answer(request) {
  const hashed = /\/assets\//.test(request.url);
  const kept = hashed ? await caches.match(request) : undefined;
  if (kept)
    return kept;
  try {
    const response = await fetch(request);
    if (response.ok && response.type === 'basic')
      await keep(request, response.clone());
    return response;
  } catch (e) {
    const old = await caches.match(request, { ignoreSearch: true });
    if (old)
      return old;
    throw e;
  }
}

self.addEventListener('fetch', (e) => {
  const url = new URL(e.request.url);
  const scope = new URL(self.registration.scope);
  if (e.request.method === 'GET' && url.origin === scope.origin
      && url.pathname.startsWith(scope.pathname) && SHELL.test(url.pathname))
    e.respondWith(answer(e.request));
});
