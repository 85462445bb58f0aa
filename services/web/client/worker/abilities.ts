// What this browser decodes, asked once.
import { CODECS, TEST_STRING } from '../../protocol/video';
import type { Abilities, Ability, Codec } from '../../protocol/video';

async function supported(codec: string, hardware: boolean): Promise<boolean> {
  try {
    const answer = await VideoDecoder.isConfigSupported({
      codec, optimizeForLatency: true,
      ...(hardware ? { hardwareAcceleration: 'prefer-hardware' } : {}),
    });
    return answer.supported === true;
  } catch {
    return false;
  }
}

async function ability(codec: Codec): Promise<Ability> {
  const [plain = '', full] = TEST_STRING[codec];
  // H.265 in software would be too slow; nobody offers it.
  const hardware = codec === 'h265';
  return {
    plain: await supported(plain, hardware),
    full: full !== undefined && await supported(full, hardware),
  };
}

let known: Promise<Abilities> | undefined;

export function abilities(): Promise<Abilities> {
  known ??= Promise.all(CODECS.map(async (c) => [c, await ability(c)] as const))
    .then((list) => Object.fromEntries(list) as Record<Codec, Ability>);
  return known;
}
