// A link to a page for who may open it; for others its words.
import type { ComponentChildren } from 'preact';

import { mayOpen } from './nav';

export function PageLink({ href, bare, children }: {
  href: string; children: ComponentChildren;
  bare?: boolean; // its words say nothing but that it is a link
}) {
  if (mayOpen(href))
    return <a href={href}>{children}</a>;
  return bare ? null : <span>{children}</span>;
}
