// A button that opens a list of things to do, as a native popover.
import { Ellipsis } from 'lucide';
import type { IconNode } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';

import { Icon } from './icon';
import { t } from './texts';

export interface Item {
  label: string;
  icon?: IconNode;
  run?: () => void;
  href?: string;
  download?: string; // the name of the file that HREF is saved as
  danger?: boolean;
  checked?: boolean; // a choice that stays: the menu stays open too
  hint?: string | undefined;
}

export type Items = readonly (Item | undefined | false | 'line')[];

// Below the button if there is room, else above; inside the window.
function place(button: HTMLElement, menu: HTMLElement): void {
  const b = button.getBoundingClientRect();
  const m = menu.getBoundingClientRect();
  const below = b.bottom + 4 + m.height <= innerHeight - 8;
  const rtl = getComputedStyle(button).direction === 'rtl';
  const left = (b.left + m.width > innerWidth - 8) !== rtl
    ? b.right - m.width : b.left;
  menu.style.top = `${Math.max(8, below ? b.bottom + 4 : b.top - m.height - 4)}px`;
  menu.style.left = `${Math.min(Math.max(8, left), innerWidth - m.width - 8)}px`;
}

function step(menu: HTMLElement, by: number): void {
  const all = [...menu.querySelectorAll<HTMLElement>('[role^=menuitem]')];
  const at = all.indexOf(document.activeElement as HTMLElement);
  all[(at + by + all.length) % all.length]?.focus();
}

function onKey(e: KeyboardEvent, menu: HTMLElement): void {
  if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
    e.preventDefault();
    step(menu, e.key === 'ArrowDown' ? 1 : -1);
  } else if (e.key === 'Tab') {
    menu.hidePopover();
  }
}

function One({ item, close }: { item: Item; close: () => void }) {
  const inside = <>
    {item.icon && <Icon of={item.icon} />}
    <span>{item.label}</span>
    {item.hint && <span class="hint">{item.hint}</span>}
  </>;
  if (item.href)
    return (
      <a role="menuitem" class="item" href={item.href}
        download={item.download} onClick={close}>
        {inside}
      </a>
    );
  const choice = item.checked !== undefined;
  return (
    <button type="button" role={choice ? 'menuitemcheckbox' : 'menuitem'}
      aria-checked={choice ? item.checked : undefined}
      class={`item${item.danger ? ' danger' : ''}`}
      onClick={() => { if (!choice) close(); item.run?.(); }}>
      {inside}
    </button>
  );
}

export function Menu({ items, label, icon, children, kind = 'quiet', head }: {
  items: Items; label: string; icon?: IconNode; children?: ComponentChildren;
  kind?: 'quiet' | 'plain' | 'primary'; head?: ComponentChildren;
}) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const close = () => menu.current?.hidePopover();
  const list = items.filter((i) => i !== undefined && i !== false);
  return (
    <>
      <button ref={button} type="button" popovertarget={id}
        class={`button ${kind}${children ? '' : ' icon-only'}`}
        aria-haspopup="menu" aria-expanded={open}
        aria-label={children ? undefined : label}
        title={children ? undefined : label}
        onClick={(e) => e.stopPropagation()}>
        <Icon of={icon ?? Ellipsis} />
        {children && <span>{children}</span>}
      </button>
      <div ref={menu} id={id} popover="auto" class="menu"
        onClick={(e) => e.stopPropagation()}
        onKeyDown={(e) => onKey(e, e.currentTarget)}
        onToggle={(e) => {
          const now = (e as unknown as ToggleEvent).newState === 'open';
          setOpen(now);
          if (now && button.current) {
            place(button.current, e.currentTarget);
            step(e.currentTarget, 1);
          }
        }}>
        {open && head}
        {open && (
          <div role="menu" aria-label={label}>
            {list.map((item, i) => item === 'line'
              ? <hr key={i} />
              : <One key={i} item={item} close={close} />)}
          </div>
        )}
      </div>
    </>
  );
}

export function MoreMenu({ name, items }: { name: string; items: Items }) {
  if (items.every((i) => !i || i === 'line'))
    return null;
  return <Menu items={items} label={t('ui.moreFor', { name })} />;
}
