// One recording: what its name says, where its bytes are, its end.
import { touch } from '../../ui/data';
import { ask } from '../../ui/dialog';
import { deviceId, shortDate } from '../../ui/format';
import { api } from '../../ui/http';
import { each, runBulk } from '../../ui/list/bulk';
import type { Recording } from '../../ui/model';
import { act } from '../act';
import { fresh } from '../reauth';
import { t } from '../texts';

export const RECORDINGS = '/api/recordings';

export const deviceOf = (r: Recording) => r.device_name
  || (r.device ? deviceId(r.device) : r.file);

export const nameOf = (r: Recording) =>
  `${deviceOf(r)}, ${shortDate(r.created_at)}`;

export const bytesOf = (r: Recording) =>
  `${RECORDINGS}/${encodeURIComponent(r.file)}`;

export const downloadOf = (r: Recording) => bytesOf(r) + '?download=1';

// Clients end the name with the codec; what browsers call it.
const CODECS: Record<string, readonly [name: string, mime: string]> = {
  vp8: ['VP8', 'vp8'], vp9: ['VP9', 'vp9'], av1: ['AV1', 'av01.0.08M.08'],
  h264: ['H.264', 'avc1.42E01E'], h265: ['H.265', 'hvc1.1.6.L93.B0'],
};

function codec(r: Recording): readonly [string, string] | undefined {
  const found = /_(vp8|vp9|av1|h264|h265)(?:~\d+)?\.\w+$/i.exec(r.file);
  return found ? CODECS[found[1]!.toLowerCase()] : undefined;
}

export function format(r: Recording): string {
  const end = /\.(\w+)$/.exec(r.file)?.[1]?.toUpperCase();
  return [codec(r)?.[0], end === 'WEBM' ? 'WebM' : end].filter(Boolean)
    .join(', ');
}

// False: this browser says that it has no decoder for it.
export function playable(r: Recording): boolean {
  const mime = codec(r)?.[1];
  const type = /\.mp4$/i.test(r.file) ? 'video/mp4' : 'video/webm';
  if (!/\.(webm|mp4)$/i.test(r.file))
    return false;
  return !mime || document.createElement('video')
    .canPlayType(`${type}; codecs="${mime}"`) !== '';
}

function remove(r: Recording): Promise<void> {
  return fresh(() => api.remove(bytesOf(r)));
}

export function askRemove(
  list: readonly Recording[], done: () => void,
): void {
  const one = list.length === 1 ? list[0] : undefined;
  const title = one ? t('recordings.deleteOne', { name: nameOf(one) })
    : t('recordings.deleteMany', { n: list.length });
  ask({
    title, text: t('recordings.delete.text'), danger: true,
    action: t('recordings.delete'),
    typed: one ? undefined : String(list.length),
    run: async () => {
      if (one) {
        await remove(one);
        await act({ run: async () => undefined, paths: [RECORDINGS],
          said: t('recordings.deleted') });
      } else {
        void runBulk(title, each(list, nameOf, remove))
          .then(() => touch(RECORDINGS));
      }
      done();
    },
  });
}
