/** What needs attention: which comes first, which are folded into one line, what sounds. */

export type Priority = 'alarm' | 'warning' | 'caution';

/** One alert, as /api/v1/alerts has it (docs/reference/api.md). */
export interface Alert {
  number: number;
  kind: string;
  priority: Priority;
  text: string;
  uid: string | null;
  context: string;
  state: 'unacknowledged' | 'acknowledged' | 'rectified' | 'ended';
  raised: string;
  times: number;
  rectified: string | null;
  acknowledged: string | null;
  acknowledged_by: string;
  owner: string;
  offered_to: string;
  quiet_until: string | null;
}

/** One line of the watch log, as /api/v1/log has it. */
export interface Entry {
  number: number;
  at: string;
  act: string;
  by: string;
  text: string;
  alert: number | null;
  uids: string[];
  context: string;
}

/** Alerts and lines of the log that are held; the node has no more of either than this in one answer. */
export const MOST_ALERTS = 1000;
export const MOST_ENTRIES = 500;

/** So many of a kind stand for themselves; from one more on they are folded. */
export const UNFOLDED = 3;

const RANK: Record<Priority, number> = { alarm: 0, warning: 1, caution: 2 };
export const PRIORITIES = Object.keys(RANK) as Priority[];

/** Whether nobody has acknowledged it, be it over or not. */
export function waits(alert: Alert): boolean {
  return alert.state === 'unacknowledged' || alert.state === 'rectified';
}

/** What needs attention first: not acknowledged, then by priority, then what is not over, then the newest. */
export function inOrder(alerts: readonly Alert[]): Alert[] {
  const key = (each: Alert) => (waits(each) ? 0 : 6) + 2 * RANK[each.priority] + (each.state === 'rectified' ? 1 : 0);
  return [...alerts].sort((a, b) => key(a) - key(b) || Date.parse(b.raised) - Date.parse(a.raised) || b.number - a.number);
}

/** The open alerts, once one has changed. */
export function withAlert(alerts: readonly Alert[], changed: Alert): Alert[] {
  const others = alerts.filter((each) => each.number !== changed.number);
  return inOrder(changed.state === 'ended' ? others : [...others, changed]).slice(0, MOST_ALERTS);
}

/** The log, once a line was added; newest first. */
export function withEntry(entries: readonly Entry[], added: Entry): Entry[] {
  const others = entries.filter((each) => each.number !== added.number);
  return [added, ...others].sort((a, b) => b.number - a.number).slice(0, MOST_ENTRIES);
}

/** Alerts that stand together: of one kind, state, priority and context. */
export interface Fold {
  key: string;
  alerts: Alert[];
}

/** The alerts in their order, with many of one kind in one place: that of the first of them. */
export function folded(alerts: readonly Alert[]): Fold[] {
  const folds = new Map<string, Alert[]>();
  for (const each of inOrder(alerts)) {
    const key = `${each.state} ${each.priority} ${each.kind} ${each.context}`;
    folds.set(key, [...(folds.get(key) ?? []), each]);
  }
  return [...folds].flatMap(([key, of]) =>
    of.length > UNFOLDED ? [{ key, alerts: of }] : of.map((each) => ({ key: String(each.number), alerts: [each] })),
  );
}

/** How many of each priority nobody has acknowledged. */
export function waiting(alerts: readonly Alert[]): Record<Priority, number> {
  const counts = { alarm: 0, warning: 0, caution: 0 };
  for (const each of alerts) if (waits(each)) counts[each.priority] += 1;
  return counts;
}

/** Tells one rising of an alert from the next, and from its growing more urgent. */
export function rising(alert: Alert): string {
  return `${alert.number}.${alert.times}`;
}

/** What was silenced, until when (ms); what arises meanwhile sounds all the same. */
export interface Silence {
  until: number;
  risings: ReadonlySet<string>;
}

export const NO_SILENCE: Silence = { until: 0, risings: new Set() };

/** Milliseconds for which the sound can be silenced without acknowledging. */
export const SILENT_FOR = 30_000;

/** Silences what sounds now, for a while. */
export function silenced(alerts: readonly Alert[], now: number): Silence {
  return { until: now + SILENT_FOR, risings: new Set(alerts.map(rising)) };
}

/** What is to be heard: the most urgent that stands and nobody has acknowledged. Cautions are silent. */
export function heard(alerts: readonly Alert[], silence: Silence, now: number): 'alarm' | 'warning' | null {
  const sounding = alerts.filter(
    (each) => each.state === 'unacknowledged' && (now >= silence.until || !silence.risings.has(rising(each))),
  );
  if (sounding.some((each) => each.priority === 'alarm')) return 'alarm';
  return sounding.some((each) => each.priority === 'warning') ? 'warning' : null;
}

/** Those that nobody was told of yet, and stand; `told` is what was told before. */
export function untold(alerts: readonly Alert[], told: ReadonlySet<string>): Alert[] {
  return alerts.filter((each) => each.state === 'unacknowledged' && !told.has(rising(each)));
}

/** How often each thing happened, most often first. */
export function tally(entries: readonly Entry[]): [act: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { act } of entries) counts.set(act, (counts.get(act) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** A beep: when it begins, how long it is (seconds), and its pitch (Hz). */
export type Beep = [at: number, lasts: number, pitch: number];

/** What an alarm and a warning sound like, and after how many seconds again. */
export const SOUNDS: Record<'alarm' | 'warning', { beeps: Beep[]; every: number }> = {
  alarm: {
    beeps: [
      [0, 0.16, 960],
      [0.22, 0.16, 770],
      [0.44, 0.16, 960],
      [0.66, 0.16, 770],
    ],
    every: 2,
  },
  warning: {
    beeps: [
      [0, 0.25, 620],
      [0.4, 0.25, 620],
    ],
    every: 10,
  },
};
