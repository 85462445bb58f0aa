// The session in figures, with the last minute as lines.
import { X } from 'lucide';

import { Copy, Facts, IconButton } from '../ui/controls';
import { bytes, deviceId, number } from '../ui/format';
import type { Stats } from './messages';
import type { Remote } from './remote';
import { t } from './texts';

const WIDTH = 240;
const HEIGHT = 36;

function Line({ of, label, max }: {
  of: readonly number[]; label: string; max: number;
}) {
  const top = Math.max(max, ...of, 1);
  const step = WIDTH / 59;
  const points = of.map((v, i) =>
    `${((60 - of.length + i) * step).toFixed(1)},`
    + (HEIGHT - 1 - v / top * (HEIGHT - 2)).toFixed(1)).join(' ');
  return (
    <svg class="line" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img"
      aria-label={label} preserveAspectRatio="none">
      <polyline points={points} />
    </svg>
  );
}

const NAMES: Readonly<Record<string, string>> = {
  vp8: 'VP8', vp9: 'VP9', av1: 'AV1', h264: 'H.264', h265: 'H.265', '': '–',
};

export function Details({ remote, close }: {
  remote: Remote; close: () => void;
}) {
  const s: Stats | undefined = remote.stats.value;
  const history = remote.history.value;
  const peer = remote.peer.value;
  const ms = (n: number) => `${number(Math.round(n))} ms`;
  return (
    <aside class="panel" aria-label={t('details.title')}
      onKeyDown={(e) => { if (e.key === 'Escape') close(); }}>
      <header>
        <h2>{t('details.title')}</h2>
        <IconButton icon={X} label={t('panel.close')} onClick={close} />
      </header>
      <div class="panel-body">
        <section>
          <h3>{t('details.rate')}</h3>
          <p class="figure">{bytes((s?.bitrate ?? 0) / 8, true)}</p>
          <Line of={history.map((h) => h.bitrate)} max={100_000}
            label={t('details.rate')} />
        </section>
        <section>
          <h3>{t('details.trip')}</h3>
          <p class="figure">{ms(s?.roundTrip ?? 0)}</p>
          <Line of={history.map((h) => h.roundTrip)} max={50}
            label={t('details.trip')} />
        </section>
        <Facts of={[
          [t('details.way'), t(`details.${remote.way.value}`)],
          [t('details.codec'), NAMES[s?.codec ?? '']],
          [t('details.size'), s && `${s.width} × ${s.height}`],
          [t('details.fps'), number(s?.fps ?? 0)],
          [t('details.latency'), ms(s?.latency ?? 0)],
          [t('details.decoding'), ms(s?.decoding ?? 0)],
          [t('details.dropped'), number(s?.dropped ?? 0)],
          [t('details.device'), deviceId(remote.shared.id)],
          [t('details.system'),
            peer && `${peer.platform}, RustDesk ${peer.version}`],
          [t('details.user'), peer?.username],
        ]} />
        <section>
          <h3>{t('details.fingerprint')}</h3>
          <p class="muted small">{t('details.fingerprintHelp')}</p>
          <Copy block text={remote.fingerprint.value} />
        </section>
      </div>
    </aside>
  );
}
