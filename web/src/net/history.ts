/** What the page asks of the past: since when there is one, where one track was, the trails of many. */
import type { Past } from '../picture/course';
import { asked, pathOf, sent } from './rest';

/** Since when and until when positions are kept, in all and by channel. */
export interface Held {
  from: string | null;
  to: string | null;
  channels: { channel: string; from: string; to: string }[];
}

export function held(): Promise<Held> {
  return asked('history') as Promise<Held>;
}

export interface Course {
  from: string;
  to: string;
  /** How many positions there were; `positions` are so many of them as were asked for. */
  count: number;
  whole: boolean;
  positions: Past[];
}

/** Where a track was between two moments. */
export function courseOf(uid: string, context: string, from: number, to: number, limit: number): Promise<Course> {
  const more = `&from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}&limit=${limit}`;
  return asked(pathOf(uid, context, '/history') + more) as Promise<Course>;
}

/** Where tracks were in the minutes before a moment: [ms, 1e-7 degrees, 1e-7 degrees]. */
export async function trailsOf(uids: readonly string[], context: string, minutes: number, until: number): Promise<Record<string, number[][]>> {
  const said = await sent('POST', 'trails', { uids, context, minutes, until: Math.round(until) });
  return (said as { trails: Record<string, number[][]> }).trails;
}
