// Keeps the page for use without a network. It also adds the two headers without which a browser
// gives a page one thread only.
const CACHE = 'lfhpe-try';
const PAGE = ['./', 'index.html', 'style.css', 'app.js', 'boxes.js', 'draw.js', 'geometry.js',
  'save.js', 'worker.js', 'models/index.json', 'vendor/ort.wasm.min.mjs',
  'vendor/ort-wasm-simd-threaded.mjs', 'vendor/ort-wasm-simd-threaded.wasm'];

addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(PAGE)).then(() => skipWaiting()));
});

addEventListener('activate', (event) => event.waitUntil(clients.claim()));

addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET' || !event.request.url.startsWith(registration.scope)) return;
  event.respondWith(answer(event));
});

/** What is kept comes at once, and is renewed for the next time. */
async function answer(event) {
  const { request } = event;
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreSearch: request.mode === 'navigate' });
  // The address of a model holds its checksum: it never changes.
  const fixed = new URL(request.url).pathname.endsWith('.onnx');
  if (kept && !fixed) event.waitUntil(renew(cache, request).catch(() => null));
  return isolated(kept ?? (await renew(cache, request, fixed)));
}

async function renew(cache, request, fixed = false) {
  const found = await fetch(request);
  if (!found.ok) return found;
  if (fixed) await cache.delete(request, { ignoreSearch: true });
  await cache.put(request, found.clone());
  return found;
}

function isolated(found) {
  const headers = new Headers(found.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  return new Response(found.body, { status: found.status, statusText: found.statusText, headers });
}
