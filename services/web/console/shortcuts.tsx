// Keys that work everywhere, and the list of them.
import { signal } from '@preact/signals';

import { Kbd } from '../ui/controls';
import { Dialog } from '../ui/dialog';
import { paletteOpen } from '../ui/palette';
import { go } from '../ui/router';
import { visible } from './nav';
import { t } from './texts';

export const shortcutsOpen = signal(false);

const SECOND_KEY_MS = 1200;
let wentG = 0;

function typing(e: KeyboardEvent): boolean {
  return Boolean((e.target as Element).closest?.(
    'input:not([type=checkbox]), textarea, select, dialog, [contenteditable]'));
}

function onKey(e: KeyboardEvent): void {
  if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'k') {
    e.preventDefault();
    paletteOpen.value = !paletteOpen.value;
    return;
  }
  if (typing(e) || e.ctrlKey || e.metaKey || e.altKey)
    return;
  if (e.key === '/') {
    const search = document.querySelector<HTMLElement>('[data-search]');
    if (search) {
      e.preventDefault();
      search.focus();
    }
  } else if (e.key === '?') {
    shortcutsOpen.value = true;
  } else if (e.key === 'g') {
    wentG = Date.now();
  } else if (Date.now() - wentG < SECOND_KEY_MS) {
    wentG = 0;
    const page = visible().find((p) => p.key === e.key);
    if (page)
      go(page.path);
  }
}

export function startShortcuts(): void {
  document.addEventListener('keydown', onKey);
}

function Row({ keys, text }: { keys: readonly string[]; text: string }) {
  return (
    <div><dt>{text}</dt>
      <dd>{keys.map((k) => <Kbd key={k}>{k}</Kbd>)}</dd></div>
  );
}

export function Shortcuts() {
  if (!shortcutsOpen.value)
    return null;
  return (
    <Dialog title={t('frame.shortcuts')}
      onClose={() => { shortcutsOpen.value = false; }}>
      <dl class="keys">
        <Row keys={['Ctrl', 'K']} text={t('keys.palette')} />
        <Row keys={['/']} text={t('keys.search')} />
        <Row keys={['j', 'k']} text={t('keys.move')} />
        <Row keys={['x']} text={t('keys.choose')} />
        <Row keys={['Enter']} text={t('keys.open')} />
        <Row keys={['Esc']} text={t('keys.close')} />
        {visible().filter((p) => p.key).map((p) => (
          <Row key={p.path} keys={['g', p.key!]} text={t(p.name)} />))}
        <Row keys={['?']} text={t('keys.list')} />
      </dl>
    </Dialog>
  );
}
