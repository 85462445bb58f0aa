// What is copied, both ways. Text, HTML and pictures; nothing that came from
// the device goes back to it.
import { sha256 } from '@noble/hashes/sha2.js';
import type { ClipboardMessage, Outgoing } from './message.js';
import { unzstd } from './zstd.js';

const TEXT = 0;
const HTML = 2;
const RGBA = 21;
const PNG = 22;

const MAX_CONTENT = 64 << 20;   // bytes, unpacked
const MAX_SIDE = 16384;

export interface Content {
  readonly text?: string;
  readonly html?: string;
  readonly png?: Uint8Array;
  readonly rgba?: {
    readonly width: number;
    readonly height: number;
    readonly data: Uint8Array;
  };
}

const PNG_MAGIC = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const isPng = (b: Uint8Array) => PNG_MAGIC.every((v, i) => b[i] === v);

const fromUtf8 = (b: Uint8Array) => new TextDecoder().decode(b);
const toUtf8 = (text: string) => new TextEncoder().encode(text);

function digest(kind: number, content: Uint8Array): string {
  return `${kind}:` + Array.from(sha256(content)).join(',');
}

function unpack(c: ClipboardMessage): Uint8Array | undefined {
  try {
    const content = c.compress ? unzstd(c.content, MAX_CONTENT) : c.content;
    return content.length <= MAX_CONTENT ? content : undefined;
  } catch {
    return undefined;
  }
}

function convert(c: ClipboardMessage, content: Uint8Array): Content {
  switch (c.format) {
    case TEXT: return { text: fromUtf8(content) };
    case HTML: return { html: fromUtf8(content) };
    case PNG: return isPng(content) ? { png: content } : {};
    case RGBA: {
      const { width, height } = c;
      return width > 0 && height > 0 && width <= MAX_SIDE && height <= MAX_SIDE
        && content.length === width * height * 4
        ? { rgba: { width, height, data: content } } : {};
    }
    default: return {};
  }
}

export class ClipboardSync {
  private readonly known = new Set<string>();

  // What the device has copied; undefined when there is nothing for us.
  received(all: readonly ClipboardMessage[]): Content | undefined {
    let result: Content = {};
    this.known.clear();
    for (const c of all) {
      const content = unpack(c);
      if (content === undefined)
        continue;
      this.known.add(digest(c.format, content));
      result = { ...convert(c, content), ...result };
    }
    return Object.keys(result).length > 0 ? result : undefined;
  }

  // What to send for CONTENT, nothing when the device has it already.
  // MULTI: the device takes several formats at once.
  sending(content: Content, multi: boolean): Outgoing[] {
    const parts: { format: number; content: Uint8Array }[] = [];
    if (content.text !== undefined && content.text !== '')
      parts.push({ format: TEXT, content: toUtf8(content.text) });
    if (multi && content.html !== undefined)
      parts.push({ format: HTML, content: toUtf8(content.html) });
    if (multi && content.png !== undefined)
      parts.push({ format: PNG, content: content.png });
    const ids = parts.map((p) => digest(p.format, p.content));
    if (ids.length === 0 || ids.every((id) => this.known.has(id))
        || parts.some((p) => p.content.length > MAX_CONTENT))
      return [];
    this.known.clear();
    for (const id of ids)
      this.known.add(id);
    return multi ? [{ multiClipboards: { clipboards: parts } }]
      : parts.map((clipboard) => ({ clipboard }));
  }
}
