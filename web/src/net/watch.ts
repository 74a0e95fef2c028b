/** What the page asks by HTTP for the watch: alerts, the log, the sheet for the hand-over (docs/reference/api.md). */
import type { Alert, Entry } from '../picture/alerts';
import { asked, sent } from './rest';

export async function alertsNow(): Promise<{ alerts: Alert[]; trouble: string; rules: string[] }> {
  return (await asked('alerts')) as { alerts: Alert[]; trouble: string; rules: string[] };
}

/** It is seen; it stays acknowledged when it comes back within so many minutes. */
export function acknowledge(number: number, quietMinutes = 0): Promise<unknown> {
  return sent('POST', `alerts/${number}/acknowledge`, { quiet_minutes: quietMinutes });
}

export function take(number: number): Promise<unknown> {
  return sent('POST', `alerts/${number}/take`, {});
}

export function offer(number: number, to: string): Promise<unknown> {
  return sent('POST', `alerts/${number}/offer`, { to });
}

/** The newest lines of the log. */
export async function logNow(): Promise<Entry[]> {
  return ((await asked('log')) as { entries: Entry[] }).entries;
}

/** The newest lines about an object. */
export async function logAbout(uid: string): Promise<Entry[]> {
  return ((await asked(`log?uid=${encodeURIComponent(uid)}`)) as { entries: Entry[] }).entries;
}

export function note(text: string, uids: string[], context: string): Promise<unknown> {
  return sent('POST', 'log', { text, uids, context });
}

/** Names of those who could be handed something. */
export async function namesOfPeople(): Promise<string[]> {
  const { people } = (await asked('people')) as { people: { name: string }[] };
  return [...new Set(people.map((each) => each.name))].sort();
}

/** What the next watch has to know. */
export interface Sheet {
  node: { id: string; name: string; nation: string };
  at: string;
  since: string;
  by: string;
  alerts: Alert[];
  problems: string[];
  tracks: number;
  sources: { channel: string; speaker: string; state: string; last_useful: string | null }[];
  partners: { node: string; state: string; last_heard: string | null; waiting: Record<string, number>; blocked: string[] }[];
  entries: Entry[];
}

export function handOver(hours: number): Promise<Sheet> {
  return asked(`hand-over?hours=${hours}`) as Promise<Sheet>;
}
