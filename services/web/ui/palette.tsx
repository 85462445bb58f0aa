// Ctrl+K: finds any page, action, device or user by typing.
import { signal } from '@preact/signals';
import { Search } from 'lucide';
import type { IconNode } from 'lucide';
import { useEffect, useRef, useState } from 'preact/hooks';

import { Icon } from './icon';
import { go } from './router';
import { t } from './texts';

export interface Entry {
  id: string;
  label: string;
  hint?: string | undefined;
  group: string;
  icon?: IconNode;
  href?: string;
  run?: () => void;
}

// FIND answers at once or later; what is typed meanwhile wins.
export type Finder = (text: string) => Promise<readonly Entry[]>;

export const paletteOpen = signal(false);
const TYPING_MS = 100;

export function matches(label: string, text: string): boolean {
  const l = label.toLowerCase();
  return text.toLowerCase().split(/\s+/).every((w) => l.includes(w));
}

function useEntries(fixed: readonly Entry[], find: Finder, text: string) {
  const [found, setFound] = useState<readonly Entry[]>([]);
  useEffect(() => {
    let current = true;
    const timer = setTimeout(() => {
      if (text.trim() === '')
        setFound([]);
      else
        void find(text.trim()).then((l) => { if (current) setFound(l); },
          () => undefined);
    }, TYPING_MS);
    return () => { current = false; clearTimeout(timer); };
  }, [text]);
  return [...fixed.filter((e) => matches(e.label, text.trim())), ...found];
}

function Groups({ list, at, pick }: {
  list: readonly Entry[]; at: number; pick: (e: Entry) => void;
}) {
  return (
    <ul role="listbox" id="palette-list" aria-label={t('palette.title')}>
      {list.map((e, i) => (
        <>
          {e.group !== list[i - 1]?.group && (
            <li key={'g' + e.group} role="presentation" class="group">
              {e.group}</li>
          )}
          <li key={e.id} id={'palette-' + i} role="option" aria-selected={i === at}
            ref={(node) => { if (i === at) node?.scrollIntoView({ block: 'nearest' }); }}
            onClick={() => pick(e)}>
            {e.icon && <Icon of={e.icon} />}
            <span>{e.label}</span>
            {e.hint && <span class="hint">{e.hint}</span>}
          </li>
        </>
      ))}
    </ul>
  );
}

function Box({ fixed, find }: { fixed: readonly Entry[]; find: Finder }) {
  const ref = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useEntries(fixed, find, text);
  const close = () => { paletteOpen.value = false; };
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    ref.current?.showModal();
    return () => before?.focus?.();
  }, []);
  const pick = (e: Entry) => {
    close();
    if (e.href)
      go(e.href);
    e.run?.();
  };
  const key = (e: KeyboardEvent) => {
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      e.preventDefault();
      setAt((at + (e.key === 'ArrowDown' ? 1 : -1) + list.length)
        % Math.max(1, list.length));
    } else if (e.key === 'Enter' && list[at]) {
      e.preventDefault();
      pick(list[at]);
    }
  };
  return (
    <dialog ref={ref} class="palette" aria-label={t('palette.title')}
      onCancel={(e) => { e.preventDefault(); close(); }}
      onMouseDown={(e) => { if (e.target === ref.current) close(); }}>
      <div class="palette-box">
        <Icon of={Search} />
        <input role="combobox" aria-label={t('palette.title')} value={text}
          aria-expanded="true" aria-controls="palette-list"
          aria-activedescendant={list[at] ? 'palette-' + at : undefined}
          placeholder={t('palette.hint')} autoComplete="off"
          spellcheck={false} onKeyDown={key}
          onInput={(e) => { setText(e.currentTarget.value); setAt(0); }} />
      </div>
      {list.length > 0
        ? <Groups list={list} at={at} pick={pick} />
        : <p class="muted">{t('palette.none', { q: text })}</p>}
    </dialog>
  );
}

export function Palette(p: { fixed: readonly Entry[]; find: Finder }) {
  return paletteOpen.value ? <Box {...p} /> : null;
}
