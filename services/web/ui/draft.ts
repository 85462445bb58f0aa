// What was typed into a form and is not saved yet, while the object that the
// form shows may be changed by others.
export type Values = Record<string, unknown>;

// CHANGES: what was typed. BASE: what each of these fields held before.
export interface Draft {
  changes: Values;
  base: Values;
}

export const same = (a: unknown, b: unknown) =>
  JSON.stringify(a ?? '') === JSON.stringify(b ?? '');

export const pick = (
  of: Values, keep: (name: string, value: unknown) => boolean,
) => Object.fromEntries(Object.entries(of).filter(([n, v]) => keep(n, v)));

// D after FIELDS were typed into a form that shows INITIAL. What was typed
// back to what it was is no change.
export function typed(d: Draft, fields: Values, initial: Values): Draft {
  const base = { ...pick(initial, (n) => n in fields), ...d.base };
  const changes = pick({ ...d.changes, ...fields },
    (n, v) => !(n in base) || !same(v, base[n]));
  return { changes, base: pick(base, (n) => n in changes) };
}

// D after SENT was saved: what was typed meanwhile stays.
export function saved(d: Draft, sent: Values): Draft {
  const changes = pick(d.changes, (n, v) => !(n in sent) || sent[n] !== v);
  return { changes, base: pick({ ...d.base, ...sent }, (n) => n in changes) };
}

// What was SENT and taken is there, though INITIAL is read again a moment
// later: until it moves from ON.
export interface Sent {
  over: Values;
  on: string;
}

export const sentOn = (initial: Values, over: Values): Sent =>
  ({ over, on: JSON.stringify(initial) });

// SENT while it still stands before INITIAL; once moved, it is over for good.
export const standing = (sent: Sent | undefined, initial: Values) =>
  sent?.on === JSON.stringify(initial) ? sent : undefined;

// The fields of D that somebody else has changed since they were begun.
export function overtaken(d: Draft, initial: Values): string[] {
  return Object.keys(d.changes).filter((n) => n in d.base
    && !same(d.base[n], initial[n]) && !same(d.changes[n], initial[n]));
}
