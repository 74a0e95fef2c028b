/** The moment that is shown: which one, how fast it moves, and how far back one can go. */

/** How fast a replay goes. */
export const SPEEDS = [1, 5, 15, 60] as const;

/** How fast a replay goes that is played to TAK clients as well. */
export const PLAYED_SPEEDS = [1, 5, 15, 60, 300, 600] as const;

/** Milliseconds of a step. */
export const STEP = 60_000;

/** How far back the slider reaches, in hours; the last is everything that is kept. */
export const REACHES = [1, 6, 24, Number.POSITIVE_INFINITY] as const;

const HOUR = 3_600_000;

/** What the node said last of a replay. */
export interface Moment {
  /** Milliseconds since 1970. */
  at: number;
  speed: number;
  /** How far back was looked for what is shown. */
  since: number;
  /** Whether everything that is kept of it was looked at. */
  whole: boolean;
}

/** Milliseconds of a replay that may be guessed until the node says how far it is. */
const GUESSED = 1500;

/** The moment that is shown now, where the node said `moment` at `heard` of this machine's clock. */
export function momentAt(moment: Moment, heard: number, now: number): number {
  const passed = Math.max(0, Math.min(GUESSED, now - heard));
  return moment.at + passed * moment.speed;
}

/** The first moment that the slider reaches: so many hours back, and no further than is kept. */
export function earliest(now: number, held: number | null, hours: number): number {
  const kept = held ?? now;
  return hours === Number.POSITIVE_INFINITY ? Math.min(kept, now) : Math.min(now, Math.max(kept, now - hours * HOUR));
}

/** A moment that can be shown: not before what is kept, and not after now. */
export function within(at: number, now: number, held: number | null): number {
  return Math.min(now, Math.max(held ?? now, at));
}

/** 2026-11-25T14:05:09 as a form has it, of a moment in UTC. */
export function forForm(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}

/** The moment that a form says in UTC; null where it says none. */
export function fromForm(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text)) return null;
  const ms = Date.parse(`${text}Z`);
  return Number.isNaN(ms) ? null : ms;
}
