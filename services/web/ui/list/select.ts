// Which rows are chosen: some by key, or all that match.
import { type Signal, signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';

export interface Chosen {
  keys: ReadonlySet<string>;
  all: boolean; // all that match, on every page
}

export interface Selection {
  state: Signal<Chosen>;
  has: (key: string) => boolean;
  toggle: (key: string) => void;
  page: (keys: readonly string[], on: boolean) => void;
  everything: () => void;
  clear: () => void;
}

// A new WHAT (filters, search) starts with nothing chosen.
export function useSelection(what: string): Selection {
  const state = useMemo(
    () => signal<Chosen>({ keys: new Set(), all: false }), [what]);
  const clear = () => { state.value = { keys: new Set(), all: false }; };
  return {
    state, clear,
    has: (key) => state.value.all || state.value.keys.has(key),
    toggle: (key) => {
      const keys = new Set(state.value.keys);
      if (!keys.delete(key))
        keys.add(key);
      state.value = { keys, all: false };
    },
    page: (list, on) => {
      const keys = new Set(state.value.keys);
      for (const key of list)
        if (on)
          keys.add(key);
        else
          keys.delete(key);
      state.value = { keys, all: false };
    },
    everything: () => { state.value = { ...state.value, all: true }; },
  };
}
