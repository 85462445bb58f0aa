// The question for a fresh proof: one at a time, whoever asks.
import { signal } from '@preact/signals';

export interface Waiting {
  done: (proved: boolean) => void;
}

export const waiting = signal<Waiting | undefined>(undefined);

let asked: Promise<boolean> | undefined;

// Acts that want it at once get one proof.
export function prove(): Promise<boolean> {
  asked ??= new Promise((resolve) => {
    const w: Waiting = {
      done: (proved) => {
        // An answer that comes late does not end another question.
        if (waiting.value === w) {
          waiting.value = undefined;
          asked = undefined;
        }
        resolve(proved);
      },
    };
    waiting.value = w;
  });
  return asked;
}
