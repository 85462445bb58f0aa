// The browser's clipboard: written when the page may, else offered.
import type { Content } from '../protocol/clipboard';
import type { Remote } from './remote';

async function asPng(c: Content): Promise<Blob | undefined> {
  if (c.png)
    return new Blob([new Uint8Array(c.png)], { type: 'image/png' });
  if (!c.rgba)
    return undefined;
  const { width, height, data } = c.rgba;
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')?.putImageData(
    new ImageData(new Uint8ClampedArray(data), width, height), 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}

const blob = (text: string, type: string) => new Blob([text], { type });

// False: the browser wants a click of the user first.
export async function writeClipboard(c: Content): Promise<boolean> {
  try {
    if (!document.hasFocus())
      return false;
    const png = await asPng(c);
    const item: Record<string, Blob> = {
      ...(c.text !== undefined
        && { 'text/plain': blob(c.text, 'text/plain') }),
      ...(c.html !== undefined && { 'text/html': blob(c.html, 'text/html') }),
      ...(png && { 'image/png': png }),
    };
    if (Object.keys(item).length === 0)
      return true;
    await navigator.clipboard.write([new ClipboardItem(item)]);
    return true;
  } catch {
    return false;
  }
}

// What is in the clipboard now; undefined when the browser does not say.
export async function readClipboard(): Promise<Content | undefined> {
  try {
    const content: { text?: string; html?: string; png?: Uint8Array } = {};
    for (const item of await navigator.clipboard.read()) {
      const get = async (type: string) => item.types.includes(type)
        ? await item.getType(type) : undefined;
      const text = await (await get('text/plain'))?.text();
      const html = await (await get('text/html'))?.text();
      const png = await (await get('image/png'))?.arrayBuffer();
      if (text)
        content.text = text;
      if (html)
        content.html = html;
      if (png)
        content.png = new Uint8Array(png);
    }
    return content;
  } catch {
    return undefined;
  }
}

// With the browser's lasting permission, what was copied here is there as
// soon as the window has the focus.
export async function syncOnFocus(remote: Remote): Promise<void> {
  try {
    const state = await navigator.permissions.query(
      { name: 'clipboard-read' as PermissionName });
    if (state.state !== 'granted' || !remote.permissions.value.clipboard)
      return;
    const content = await readClipboard();
    if (content)
      remote.tell({ do: 'clipboard', content });
  } catch {
    // No such permission in this browser: pasting sends it.
  }
}
