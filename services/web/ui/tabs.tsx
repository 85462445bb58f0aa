// Tabs whose choice is in the address: they are links, so Back works.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

export interface Tab {
  href: string;
  label: string;
  here: boolean;
}

export function Tabs({ of, label }: { of: readonly Tab[]; label: string }) {
  const ref = useRef<HTMLElement>(null);
  const here = of.find((x) => x.here)?.href;
  // The one that is open is in sight, however many there are.
  useLayoutEffect(() => {
    const bar = ref.current!;
    const tab = bar.querySelector('[aria-current]')?.getBoundingClientRect();
    const all = bar.getBoundingClientRect();
    if (tab && (tab.left < all.left || tab.right > all.right))
      bar.scrollLeft += (tab.left + tab.right - all.left - all.right) / 2;
  }, [here]);
  return (
    <nav class="tabs" aria-label={label} ref={ref}>
      {of.map((x) => (
        <a key={x.href} href={x.href} aria-current={x.here ? 'page' : undefined}>
          {x.label}
        </a>
      ))}
    </nav>
  );
}

// A title with what can be done; the frame's breadcrumb is above it.
export function Head({ title, children, text }: {
  title: ComponentChildren; children?: ComponentChildren;
  text?: ComponentChildren;
}) {
  return (
    <header class="head">
      <div>
        <h1>{title}</h1>
        {text && <p class="muted">{text}</p>}
      </div>
      {children && <div class="buttons">{children}</div>}
    </header>
  );
}
