// Faster encryption for a session that moves much.
import { choose, javascript } from '../../protocol/secretbox';

// Bytes: what is loaded is less than a hundredth of it.
const FROM = 16 << 20;

let moved = 0;
let asked = false;

async function load(): Promise<void> {
  const { sodium } = await import('../../protocol/sodium');
  choose(await sodium(javascript));
}

// BYTES more were sealed or opened. Where there is no WebAssembly, or it does
// not come, JavaScript goes on.
export function sealed(bytes: number): void {
  moved += bytes;
  if (asked || moved < FROM)
    return;
  asked = true;
  load().catch(() => undefined);
}
