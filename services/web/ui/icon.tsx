import type { IconNode } from 'lucide';
import { h } from 'preact';

// An outline icon. Without LABEL it stands beside a word and is not read.
export function Icon(
  { of, size = 16, label }: { of: IconNode; size?: 16 | 20; label?: string },
) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" fill="none"
      stroke="currentColor" stroke-width="1.75" stroke-linecap="round"
      stroke-linejoin="round" role={label ? 'img' : undefined}
      aria-label={label} aria-hidden={label ? undefined : true}>
      {of.map(([tag, attributes]) => h(tag, attributes))}
    </svg>
  );
}
