// One change: done at once, said once, undone for ten seconds.
import { touch } from '../ui/data';
import { fail, say } from '../ui/toast';

export interface Act {
  run: () => Promise<unknown>;
  said: string;
  undo?: (() => Promise<unknown>) | undefined;
  paths: readonly string[]; // read again afterwards
}

// Throws nothing: what failed is said.
export async function act(a: Act): Promise<boolean> {
  try {
    await a.run();
  } catch (e) {
    fail(e);
    return false;
  }
  touch(...a.paths);
  const undo = a.undo;
  say(a.said, undo ? {
    undo: async () => {
      await undo();
      touch(...a.paths);
    },
  } : {});
  return true;
}
