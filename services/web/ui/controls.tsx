// Buttons and the small words of the interface.
import { Check, Copy as CopyIcon, ExternalLink } from 'lucide';
import type { IconNode } from 'lucide';
import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { deviceId, exact, relative, shortDate } from './format';
import { Icon } from './icon';
import { t } from './texts';
import { say } from './toast';

type Kind = 'plain' | 'primary' | 'quiet' | 'danger';

interface ButtonProps extends
  Omit<ButtonHTMLAttributes, 'icon' | 'label'> {
  kind?: Kind;
  icon?: IconNode | undefined;
  busy?: boolean;
  small?: boolean;
}

export function Button(
  { kind = 'plain', icon, busy, small, children, ...rest }: ButtonProps,
) {
  return (
    <button type="button" {...rest} aria-busy={busy || undefined}
      disabled={rest.disabled || busy}
      class={`button ${kind}${small ? ' small' : ''}`}>
      {icon && <Icon of={icon} />}
      {children && <span>{children}</span>}
    </button>
  );
}

// Only for what everybody knows by its picture; the word is the tooltip.
export function IconButton(
  { icon, label, ...rest }: Omit<ButtonProps, 'children'>
  & { icon: IconNode; label: string },
) {
  const { kind = 'quiet', busy, small, ...plain } = rest;
  return (
    <button type="button" {...plain} aria-label={label} title={label}
      aria-busy={busy || undefined}
      class={`button icon-only ${kind}${small ? ' small' : ''}`}>
      <Icon of={icon} />
    </button>
  );
}

export function LinkButton(
  { href, kind = 'plain', icon, children, download }: {
    href: string; kind?: Kind; icon?: IconNode; children: ComponentChildren;
    download?: string;
  },
) {
  return (
    <a href={href} download={download} class={`button ${kind}`}>
      {icon && <Icon of={icon} />}<span>{children}</span>
    </a>
  );
}

export function Outside(
  { href, children }: { href: string; children: ComponentChildren },
) {
  return (
    <a href={href} target="_blank" rel="noreferrer" class="outside">
      {children}<Icon of={ExternalLink} />
    </a>
  );
}

export type Tone = 'good' | 'warn' | 'bad' | 'off' | 'accent';

// A state: a dot whose shape differs too, and its word.
export function State(
  { tone, children }: { tone: Tone; children: ComponentChildren },
) {
  return <span class={`state ${tone}`}><i aria-hidden="true" />{children}</span>;
}

export function Badge(
  { tone = 'off', children }: { tone?: Tone; children: ComponentChildren },
) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

export function Time({ at, full }: { at: number; full?: boolean }) {
  if (!at)
    return <span class="muted">–</span>;
  return (
    <time dateTime={new Date(at * 1000).toISOString()} title={exact(at)}>
      {full ? shortDate(at) : relative(at)}
    </time>
  );
}

export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    say(t('ui.copyFailed'), { tone: 'bad' });
  }
}

// Something to copy, with its button.
export function Copy({ text, label, children, block }: {
  text: string; label?: string; children?: ComponentChildren; block?: boolean;
}) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    const timer = done ? setTimeout(() => setDone(false), 2000) : undefined;
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <span class={block ? 'copy block' : 'copy'}>
      <code>{children ?? text}</code>
      <IconButton small icon={done ? Check : CopyIcon}
        label={done ? t('ui.copied') : label ?? t('ui.copy')}
        onClick={(e) => {
          e.stopPropagation();
          void copy(text).then(() => setDone(true));
        }} />
    </span>
  );
}

export function DeviceId({ id }: { id: string }) {
  return <Copy text={id}>{deviceId(id)}</Copy>;
}

export function Kbd({ children }: { children: ComponentChildren }) {
  return <kbd>{children}</kbd>;
}

// Facts in two columns; empty ones are left out.
export function Facts(
  { of }: { of: readonly (readonly [string, ComponentChildren])[] },
) {
  return (
    <dl class="facts">
      {of.filter(([, value]) => value !== undefined && value !== ''
        && value !== null && value !== false)
        .map(([name, value]) => (
          <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
        ))}
    </dl>
  );
}

// A bar of how much of something is used.
export function Meter(
  { value, max, label }: { value: number; max: number; label: string },
) {
  return <meter value={value} max={max} aria-label={label} title={label} />;
}

export function useFocus<T extends HTMLElement>() {
  const ref = useRef<T>(null);
  useEffect(() => ref.current?.focus(), []);
  return ref;
}
