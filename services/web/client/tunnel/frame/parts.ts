// Pictures, styles and scripts of the service's page: fetched through the
// tunnel and put in as blobs, because the frame has no network.
import { headerOf } from '../../../protocol/http';
import type { Fetched } from '../exchange';
import { GET } from './asking';
import type { Asking } from './asking';

const DEPTH = 4;                // of styles that import others
const URLS = /url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"'\s]*))\s*\)/g;
const IMPORTS = /@import\s+(?:url\(\s*)?["']?([^"')\s;]+)["']?\s*\)?([^;]*);/g;
const LOCAL = /^(?:data:|blob:|#|$)/i;
// Would fetch by themselves, or set rules for the frame.
const DROPPED = 'link:not([rel~=stylesheet i]), base, iframe[src], frame, '
  + 'object, embed, meta[http-equiv=content-security-policy i]';
const SOURCED = 'img[src], img[srcset], input[type=image i][src], '
  + 'source[src], source[srcset], video[src], audio[src], video[poster], '
  + 'image[href]';
const STYLED = '[style*="url("]';

// The page's text, in the coding that it says it has.
export function decode(bytes: Uint8Array, type: string): string {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 1024));
  const label = /charset=["']?([\w-]+)/i.exec(type)?.[1]
    ?? /<meta[^>]+charset=["']?([\w-]+)/i.exec(head)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(label).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

const typeOf = (f: Fetched) => headerOf(f.headers, 'content-type');

export class Parts {
  private readonly blobs = new Map<string, Promise<string>>();

  constructor(private readonly asking: Asking, private readonly base: string) {}

  private address(of: string, base: string): string | undefined {
    try {
      return LOCAL.test(of.trim()) ? undefined : new URL(of, base).href;
    } catch {
      return undefined;
    }
  }

  private async fetched(address: string): Promise<Fetched> {
    const f = await this.asking.get(address, GET);
    if (f.status >= 400)
      throw new TypeError(`status ${f.status}`);
    return f;
  }

  // One blob of each address.
  private blob(address: string): Promise<string> {
    let made = this.blobs.get(address);
    made ??= this.fetched(address).then((f) =>
      URL.createObjectURL(new Blob([f.body], { type: typeOf(f) })));
    this.blobs.set(address, made);
    return made;
  }

  // --- styles ---------------------------------------------------------------

  async style(text: string, base = this.base, depth = 0): Promise<string> {
    const imported = await Promise.all([...text.matchAll(IMPORTS)]
      .map(async ([, of = '', media = '']) => {
        const address = this.address(of, base);
        if (!address || depth >= DEPTH)
          return '';
        const f = await this.fetched(address).catch(() => undefined);
        const css = f ? await this.style(decode(f.body, typeOf(f)), address,
          depth + 1) : '';
        return media.trim() ? `@media ${media} {${css}}` : css;
      }));
    const rest = text.replace(IMPORTS, '');
    const found = [...rest.matchAll(URLS)].map(([, a, b, c]) => a ?? b ?? c ?? '');
    const blobs = new Map(await Promise.all([...new Set(found)]
      .map(async (of) => {
        const address = this.address(of, base);
        return [of, address
          ? await this.blob(address).catch(() => '') : of] as const;
      })));
    return imported.join('\n') + rest.replace(URLS,
      (_, a?: string, b?: string, c?: string) =>
        `url("${blobs.get(a ?? b ?? c ?? '') ?? ''}")`);
  }

  private async sheet(link: Element): Promise<void> {
    const made = link.ownerDocument.createElement('style');
    const media = link.getAttribute('media');
    if (media)
      made.setAttribute('media', media);
    const address = this.address(link.getAttribute('href') ?? '', this.base);
    link.replaceWith(made);
    const f = address && await this.fetched(address).catch(() => undefined);
    if (f && address)
      made.textContent = await this.style(decode(f.body, typeOf(f)), address);
  }

  private async rewritten(style: Element): Promise<void> {
    const text = style.textContent ?? '';
    const made = await this.style(text);
    if (made !== text)
      style.textContent = made;
  }

  private async inline(of: Element): Promise<void> {
    const text = of.getAttribute('style') ?? '';
    of.removeAttribute('style');
    of.setAttribute('style', await this.style(text));
  }

  // --- scripts --------------------------------------------------------------

  private async script(of: Element, live: boolean): Promise<void> {
    const address = this.address(of.getAttribute('src') ?? '', this.base);
    of.removeAttribute('integrity');
    of.removeAttribute('crossorigin');
    if (!address)
      return;
    of.removeAttribute('src');
    const blob = await this.blob(address).catch(() => undefined);
    if (!live) {
      if (blob)
        of.setAttribute('src', blob);
      return;
    }
    // One that has been looked at does not run again.
    const made = of.ownerDocument.createElement('script');
    made.type = of.getAttribute('type') ?? '';
    made.onload = () => of.dispatchEvent(new Event('load'));
    if (!blob) {
      of.dispatchEvent(new Event('error'));
      return;
    }
    made.src = blob;
    of.parentNode?.insertBefore(made, of);
  }

  // --- pictures -------------------------------------------------------------

  private async source(of: Element): Promise<void> {
    of.removeAttribute('srcset');
    of.removeAttribute('loading');
    for (const name of ['src', 'poster', 'href']) {
      const address = this.address(of.getAttribute(name) ?? '', this.base);
      if (!address || (name === 'href' && of.localName !== 'image'))
        continue;
      of.removeAttribute(name);
      const blob = await this.blob(address).catch(() => undefined);
      if (blob)
        of.setAttribute(name, blob);
      else
        of.dispatchEvent(new Event('error'));
    }
  }

  // --- all of a document or of what a script has put in ----------------------

  // What the page needs before it is shown; its pictures come later.
  async prepare(of: Document): Promise<void> {
    of.querySelectorAll(DROPPED).forEach((e) => e.remove());
    await Promise.all([
      ...[...of.querySelectorAll('link')].map((e) => this.sheet(e)),
      ...[...of.querySelectorAll('style')].map((e) => this.rewritten(e)),
      ...[...of.querySelectorAll('script[src]')]
        .map((e) => this.script(e, false)),
    ]);
  }

  // Names of attributes that would be fetched are put away until the page is
  // there: PUT AWAY is true for the document before it is written.
  putAway(of: Document): void {
    for (const e of of.querySelectorAll(SOURCED))
      for (const name of ['src', 'srcset', 'poster', 'href'])
        if (e.hasAttribute(name) && !LOCAL.test(e.getAttribute(name) ?? '')) {
          e.setAttribute(`data-tunnel-${name}`, e.getAttribute(name) ?? '');
          e.removeAttribute(name);
        }
    for (const e of of.querySelectorAll(STYLED)) {
      e.setAttribute('data-tunnel-style', e.getAttribute('style') ?? '');
      e.removeAttribute('style');
    }
  }

  private takeOut(e: Element): void {
    for (const name of ['src', 'srcset', 'poster', 'href', 'style']) {
      const value = e.getAttribute(`data-tunnel-${name}`);
      if (value === null)
        continue;
      e.removeAttribute(`data-tunnel-${name}`);
      if (name === 'style')
        void this.style(value).then((css) => e.setAttribute('style', css));
      else if (name !== 'srcset')
        void this.blob(this.address(value, this.base) ?? '').then(
          (blob) => e.setAttribute(name, blob),
          () => e.dispatchEvent(new Event('error')));
    }
  }

  // E is in the page, put there by its text or by a script.
  adopt(e: Element): void {
    if (e.matches(DROPPED)) {
      if (e.localName !== 'base')
        e.remove();
      return;
    }
    this.takeOut(e);
    if (e.matches('link'))
      void this.sheet(e);
    else if (e.matches('script[src]')
        && !LOCAL.test(e.getAttribute('src') ?? ''))
      void this.script(e, true);
    else if (e.matches(SOURCED))
      void this.source(e);
    if (e.matches(STYLED) && !/url\("?(?:blob|data):/.test(
      e.getAttribute('style') ?? ''))
      void this.inline(e);
  }
}
