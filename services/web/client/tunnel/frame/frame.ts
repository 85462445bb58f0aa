// The inside of the frame that shows a page of a service behind the device.
// Its policy gives it no network and no origin; what it shows may do with
// this script what it likes, and reaches no more than its own service.
import { READY } from '../frames';
import type { Show } from '../frames';
import { Asking } from './asking';
import { decode, Parts } from './parts';
import { equip, listen } from './world';

const SOON_MS = 86_400_000;     // a page that would come again later does not

// What is not a page of HTML is shown as text.
function read(m: Show): Document {
  const text = decode(m.body, m.type);
  const type = m.type.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'text/html' || type === 'application/xhtml+xml'
      || (type === '' && /^\s*</.test(text)))
    return new DOMParser().parseFromString(text, 'text/html');
  const made = document.implementation.createHTMLDocument('');
  const pre = made.createElement('pre');
  pre.textContent = text;
  made.body.append(pre);
  return made;
}

// <meta http-equiv=refresh>
function again(page: Document, asking: Asking, base: string): void {
  const meta = page.querySelector('meta[http-equiv=refresh i]');
  const [, seconds, to] = /^\s*([\d.]+)\s*(?:[;,]\s*(?:url\s*=\s*)?["']?([^"']*))?/i
    .exec(meta?.getAttribute('content') ?? '') ?? [];
  meta?.remove();
  const wait = Number(seconds) * 1000;
  if (meta && wait < SOON_MS)
    setTimeout(() => asking.go(new URL(to?.trim() || base, base).href), wait);
}

function watch(parts: Parts): void {
  new MutationObserver((changes) => {
    for (const { target, addedNodes, type } of changes)
      if (type === 'attributes')
        parts.adopt(target as Element);
      else
        for (const node of addedNodes)
          if (node instanceof Element) {
            parts.adopt(node);
            node.querySelectorAll('*').forEach((e) => parts.adopt(e));
          }
  }).observe(document, {
    subtree: true, childList: true, attributes: true,
    attributeFilter: ['src', 'srcset', 'poster', 'style'],
  });
}

async function show(m: Show, port: MessagePort): Promise<void> {
  const asking = new Asking(port);
  const page = read(m);
  let base = m.address;
  const given = page.querySelector('base[href]')?.getAttribute('href');
  if (given)
    base = new URL(given, m.address).href;
  const parts = new Parts(asking, base);
  again(page, asking, base);
  await parts.prepare(page);
  parts.putAway(page);
  const set = page.createElement('base');
  set.href = base;
  page.head.prepend(set);
  asking.title(page.title);
  // Opening takes away who listens; what is set before it stays.
  document.open();
  equip(asking, m.cookie);
  watch(parts);
  listen(asking, m.address);
  document.write((page.doctype ? '<!doctype html>' : '')
    + page.documentElement.outerHTML);
  document.close();
}

const heard = ({ source, data, ports: [port] }: MessageEvent<Show>) => {
  if (source !== parent || !port)
    return;
  removeEventListener('message', heard);
  void show(data, port);
};
addEventListener('message', heard);
// The page around it is of our own site: the frame's policy lets no other.
parent.postMessage(READY, '*');
