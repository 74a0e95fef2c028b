/** Where one object was, as the node tells it, and how its speed is drawn. */
import { thinned } from './trail';

/** One position of the history of a track (docs/reference/api.md). */
export interface Past {
  lat: number;
  lon: number;
  precision: number | null;
  course: number | null;
  speed: number | null;
  source: string;
  speaker: string;
  node: string;
  partner: string | null;
  form: string | null;
  cell: [number, number, number, number] | null;
  doubts: string[];
  time: string;
  received: string;
}

export const KNOTS = 1.943_844;

/** Milliseconds without a position beyond which the line of a chart is broken. */
const GAP = 10 * 60_000;

/** Points of a chart: more than it has pixels are not seen. */
const MOST_POINTS = 600;

/** A chart of speed over time, in the units of its picture. */
export interface SpeedChart {
  /** Lines as SVG has them, one for each run without a gap; a single point is a short one. */
  lines: string[];
  /** Knots at the top. */
  top: number;
  /** How many positions say no speed. */
  unsaid: number;
}

/** A round number of knots that holds the fastest. */
export function topOf(fastest: number): number {
  for (const step of [5, 10, 20, 30, 50, 100, 200, 300, 500, 1000]) if (fastest <= step) return step;
  return Math.ceil(fastest / 500) * 500;
}

/** The speeds of positions in order of receipt, from `since` to `until`, in a picture of that size. */
export function speedChart(all: readonly Past[], since: number, until: number, width: number, height: number): SpeedChart {
  const said = all.filter(({ speed }) => speed !== null);
  const points = thinned(said, MOST_POINTS).map(({ received, speed }) => [Date.parse(received), speed! * KNOTS] as const);
  const top = topOf(points.reduce((most, [, knots]) => Math.max(most, knots), 0));
  const x = (ms: number) => (((ms - since) / Math.max(1, until - since)) * width).toFixed(1);
  const y = (knots: number) => (height - (knots / top) * height).toFixed(1);
  const lines: string[] = [];
  points.forEach(([ms, knots], n) => {
    const before = points[n - 1];
    const to = `${x(ms)},${y(knots)}`;
    if (before !== undefined && ms - before[0] <= GAP) lines[lines.length - 1] += ` L${to}`;
    else lines.push(`M${to} h0.5`);
  });
  return { lines, top, unsaid: all.length - said.length };
}
