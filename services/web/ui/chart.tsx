// Lines over time by uPlot, which is loaded when the first one is shown.
import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';

import { exact, shortDate } from './format';
import { lang } from './i18n';
import { theme } from './theme';

export interface Series {
  label: string;
  values: readonly (number | null)[];
}

interface ChartProps {
  label: string;
  times: readonly number[]; // Unix seconds
  series: readonly Series[];
  height?: number;
  axes?: boolean;
  say: (value: number) => string;
}

const LINES = ['--a9', '--g9', '--w9', '--b9', '--n9'];
const colour = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function options(p: ChartProps, width: number): uPlot.Options {
  const axis = {
    stroke: colour('--n11'), grid: { stroke: colour('--n6'), width: 1 },
    ticks: { show: false }, font: '12px ' + colour('--font'),
  };
  return {
    width, height: p.height ?? 160,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    padding: p.axes ? [8, 8, 0, 0] : [4, 2, 4, 2],
    scales: { y: { range: (_u, _min, max) => [0, Math.max(1, max * 1.1)] } },
    axes: p.axes
      ? [{ ...axis, values: (_u, at) => at.map((s) => clock(s, p.times)) },
        { ...axis, size: 56, values: (_u, v) => v.map(p.say) }]
      : [{ show: false }, { show: false }],
    series: [{}, ...p.series.map((s, i) => ({
      label: s.label, stroke: colour(LINES[i % LINES.length]!), width: 1.5,
      points: { show: false },
      ...(p.series.length === 1
        ? { fill: colour('--a3') } : {}),
    }))],
  };
}

// The hour within a day, the day within a year.
function clock(at: number, times: readonly number[]): string {
  const days = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 86400;
  return new Intl.DateTimeFormat(lang.value, days > 2
    ? { day: 'numeric', month: 'short' }
    : { hour: '2-digit', minute: '2-digit' }).format(at * 1000);
}

// What a reader of the screen hears instead of the line.
function spoken(p: ChartProps): string {
  return p.series.map((s) => {
    const known = s.values.filter((v) => v !== null);
    const last = known.at(-1);
    return last === undefined ? '' : `${s.label}: ${p.say(last)}, `
      + `${p.say(Math.min(...known))} – ${p.say(Math.max(...known))}`;
  }).join('; ');
}

export function Chart(p: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const [at, setAt] = useState<number | null | undefined>();
  const data = [p.times, ...p.series.map((s) => s.values)] as uPlot.AlignedData;
  const dark = theme.value;
  useEffect(() => {
    let current = true;
    void import('uplot').then(({ default: Plot }) => {
      const node = box.current;
      if (!current || !node)
        return;
      plot.current?.destroy();
      plot.current = new Plot({
        ...options(p, node.clientWidth),
        hooks: { setCursor: [(u) => setAt(u.cursor.idx)] },
      }, data, node);
    });
    return () => { current = false; plot.current?.destroy(); };
  }, [p.series.length, dark, lang.value]);
  useEffect(() => plot.current?.setData(data), [p.times, p.series]);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => plot.current?.setSize({
      width: entry!.contentRect.width, height: p.height ?? 160 }));
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  const time = at === null || at === undefined ? undefined : p.times[at];
  return (
    <figure class="chart">
      <div ref={box} role="img" aria-label={`${p.label}. ${spoken(p)}`}
        style={{ height: (p.height ?? 160) + 'px' }} />
      {p.axes && <Legend p={p} at={at ?? undefined} />}
      {!p.axes && time !== undefined && (
        <figcaption title={exact(time)}>
          {p.series.map((s) => p.say(s.values[at!] ?? 0)).join(' · ')}
          {' · '}{shortDate(time)}
        </figcaption>
      )}
    </figure>
  );
}

function Legend({ p, at }: { p: ChartProps; at: number | undefined }) {
  return (
    <figcaption class="legend">
      {at !== undefined && p.times[at] !== undefined && (
        <span class="muted">{shortDate(p.times[at])}</span>)}
      {p.series.map((s, i) => (
        <span key={s.label}>
          <i class={'line' + (i % LINES.length)} />{s.label}
          {at !== undefined && <b> {p.say(s.values[at] ?? 0)}</b>}
        </span>
      ))}
    </figcaption>
  );
}
