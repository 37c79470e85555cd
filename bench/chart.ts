import { digits } from './report.ts';
import type { Point } from './statistics.ts';

/** One bar: what it is called, and how long it is. */
export interface Bar {
  label: string;
  value: number;
}

/** One line of a panel. */
export interface Series {
  label: string;
  points: readonly Point[];
}

/** One set of axes with its lines. */
export interface Panel {
  title: string;
  xLabel: string;
  yLabel: string;
  /** Axes whose steps multiply instead of add. */
  log?: { x?: boolean; y?: boolean };
  series: readonly Series[];
}

const COLOURS = ['#1a7f5a', '#c2410c', '#1d4ed8', '#7c3aed', '#525252', '#a16207'];
const MARGIN = { left: 64, right: 24, top: 84, bottom: 56 };
const PANEL = { width: 420, height: 320 };

/** A picture of horizontal bars, the shortest of which is the best. */
export function drawBars(title: string, subtitle: string, bars: readonly Bar[]): string {
  const [width, rowHeight, left] = [760, 38, 170];
  const longest = Math.max(...bars.map(({ value }) => value));
  const rows = bars.map(({ label, value }, row) => {
    const y = 84 + row * rowHeight;
    const length = Math.max(1, (value / longest) * (width - left - 110));
    return [
      text(label, left - 12, y + 18, 'text-anchor="end"'),
      `<rect x="${left}" y="${y + 2}" width="${round(length)}" height="24" rx="2" fill="${colour(row)}"/>`,
      text(`${digits(value)} ms`, left + length + 8, y + 19),
    ].join('');
  });
  return page(width, 84 + bars.length * rowHeight + 24, [heading(title, subtitle), ...rows]);
}

/** A picture of panels side by side, with one legend. */
export function drawPanels(title: string, subtitle: string, panels: readonly Panel[]): string {
  const labels = [...new Set(panels.flatMap(({ series }) => series.map(({ label }) => label)))];
  const drawn = panels.map(
    (panel, place) => `<g transform="translate(${place * PANEL.width} 0)">${drawPanel(panel, labels)}</g>`,
  );
  const legend = labels.map((label, place) => {
    const x = MARGIN.left + place * 180;
    const y = MARGIN.top + PANEL.height + MARGIN.bottom + 8;
    return `<rect x="${x}" y="${y - 10}" width="12" height="12" fill="${colour(place)}"/>${text(label, x + 18, y)}`;
  });
  const height = MARGIN.top + PANEL.height + MARGIN.bottom + 28;
  return page(panels.length * PANEL.width, height, [heading(title, subtitle), ...drawn, ...legend]);
}

interface Scale {
  at(value: number): number;
  ticks: readonly number[];
}

function drawPanel(panel: Panel, labels: readonly string[]): string {
  const points = panel.series.flatMap((series) => series.points);
  const bottom = MARGIN.top + PANEL.height;
  const right = PANEL.width - MARGIN.right;
  const x = scale(
    points.map((point) => point.x),
    [MARGIN.left, right],
    panel.log?.x ?? false,
  );
  const y = scale(
    points.map((point) => point.y),
    [bottom, MARGIN.top + 20],
    panel.log?.y ?? false,
  );
  const grid = [
    ...y.ticks.map(
      (tick) =>
        `<line x1="${MARGIN.left}" x2="${right}" y1="${round(y.at(tick))}" y2="${round(y.at(tick))}" stroke="#e5e5e5"/>${text(plain(tick), MARGIN.left - 8, y.at(tick) + 4, 'text-anchor="end" font-size="11"')}`,
    ),
    ...x.ticks.map((tick) => text(plain(tick), x.at(tick), bottom + 18, 'text-anchor="middle" font-size="11"')),
  ];
  const axes = `<path d="M${MARGIN.left} ${MARGIN.top + 10}V${bottom}H${right}" fill="none" stroke="#525252"/>`;
  const lines = panel.series.map(({ label, points: own }) => drawLine(own, { x, y }, colour(labels.indexOf(label))));
  return [
    text(panel.title, MARGIN.left, MARGIN.top - 4, 'font-weight="600"'),
    ...grid,
    axes,
    ...lines,
    text(panel.xLabel, (MARGIN.left + right) / 2, bottom + 40, 'text-anchor="middle"'),
    text(panel.yLabel, 0, 0, `text-anchor="middle" transform="translate(16 ${(MARGIN.top + bottom) / 2}) rotate(-90)"`),
  ].join('');
}

function drawLine(points: readonly Point[], { x, y }: { x: Scale; y: Scale }, stroke: string): string {
  const places = points.map((point) => [round(x.at(point.x)), round(y.at(point.y))] as const);
  const line = `<polyline points="${places.map((place) => place.join(',')).join(' ')}" fill="none" stroke="${stroke}" stroke-width="2"/>`;
  // A dot for each point helps where there are few, and hides the line where there are many.
  const dots =
    points.length > 40 ? [] : places.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3" fill="${stroke}"/>`);
  return [line, ...dots].join('');
}

function scale(values: readonly number[], [from, to]: readonly [number, number], isLog: boolean): Scale {
  const ticks = isLog ? powerTicks(Math.min(...values), Math.max(...values)) : evenTicks(Math.max(...values));
  const place = isLog ? Math.log10 : (value: number) => value;
  const [low, high] = isLog
    ? [Math.min(place(ticks[0]!), ...values.map(place)), Math.max(place(ticks.at(-1)!), ...values.map(place))]
    : [0, ticks.at(-1)!];
  return { ticks, at: (value) => from + ((place(value) - low) / (high - low || 1)) * (to - from) };
}

function powerTicks(min: number, max: number): number[] {
  const low = Math.floor(Math.log10(min));
  const high = Math.max(low + 1, Math.ceil(Math.log10(max)));
  return Array.from({ length: high - low + 1 }, (_, nth) => 10 ** (low + nth));
}

/** From 0 to at least `max` in about five steps of 1, 2 or 5 times a power of ten. */
function evenTicks(max: number): number[] {
  const rough = (max || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough)!;
  return Array.from({ length: Math.ceil((max || 1) / step) + 1 }, (_, nth) => nth * step);
}

function heading(title: string, subtitle: string): string {
  return text(title, 24, 32, 'font-size="18" font-weight="600"') + text(subtitle, 24, 54, 'fill="#525252"');
}

function page(width: number, height: number, content: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#171717">
<rect width="100%" height="100%" fill="#ffffff"/>
${content.join('\n')}
</svg>
`;
}

function text(content: string, x: number, y: number, attributes = ''): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escape(content)}</text>`;
}

function escape(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function colour(place: number): string {
  return COLOURS[place % COLOURS.length]!;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function plain(value: number): string {
  return String(Number(value.toPrecision(6)));
}
