/** What partners are given: counts as a person reads them, and their picture in place of our own. */
import { CENTI, DEGREE, type Meta, NO_PLACE, UNKNOWN } from './frames';
import { Store } from './store';

/** What went or stayed by one clause, in one form or for one reason. */
export interface Count {
  agreement: string;
  serial: number;
  clause: string;
  form?: string;
  reason?: string;
  count: number;
}

export interface Amounts {
  released: Count[];
  withheld: Count[];
}

export interface Pause {
  by: string;
  at: string;
  reason: string;
}

/** A pause that stands: by which agreement nothing flows, and to whom. */
export interface Stopped extends Pause {
  agreement: string;
  serial: number;
  partners: string[];
}

/** One agreement with one partner, as it stands on both nodes. */
export interface Standing {
  id: string;
  serial: number;
  gives: boolean;
  takes: boolean;
  here: boolean;
  there: string;
  why: string;
  since: string | null;
  until: string | null;
  stopped: string;
  paused: Pause | null;
}

/** One partner, as /api/v1/partners has it (docs/reference/api.md). */
export interface Partner {
  node: string;
  state: string;
  since: string | null;
  last_heard: string | null;
  last_report: string | null;
  reports: number;
  waiting: Record<string, number>;
  waiting_bytes: Record<string, number>;
  held_back: number;
  lag: number;
  sent_bytes: number;
  received_bytes: number;
  budget_second: number | null;
  budget_day: number | null;
  budget_day_left: number | null;
  blocked: string[];
  trouble: string;
  ended: string;
  lines: number | null;
  cosigned: number | null;
  unverified: Record<string, number>;
  keys: string[];
  agreements: Standing[];
  counted_since: string | null;
  hour: Amounts;
  day: Amounts;
  ledger_fault: string;
  recalls_waiting: number;
}

/** Rows of one table of counts; more would be scrolled, not read. */
export const MOST_COUNTS = 30;

/** A row of the table: what of an agreement, and how much of it in the last hour and day. */
export interface Row {
  agreement: string;
  serial: number;
  clause: string;
  what: string;
  hour: number;
  day: number;
}

const whatOf = (count: Count) => count.form ?? count.reason ?? '';
const keyOf = (count: Count) => JSON.stringify([count.agreement, count.serial, count.clause, whatOf(count)]);

/** Hour and day side by side, what happened most in the day first. */
export function beside(hour: readonly Count[], day: readonly Count[]): Row[] {
  const lately = new Map(hour.map((each) => [keyOf(each), each.count]));
  const rows = day.map((each) => ({
    agreement: each.agreement,
    serial: each.serial,
    clause: each.clause,
    what: whatOf(each),
    hour: lately.get(keyOf(each)) ?? 0,
    day: each.count,
  }));
  return rows.sort((a, b) => b.day - a.day || orderOf(a).localeCompare(orderOf(b)));
}

const orderOf = (row: Row) => `${row.agreement} ${row.clause} ${row.what}`;

export function total(counts: readonly Count[]): number {
  return counts.reduce((sum, each) => sum + each.count, 0);
}

/** The part of the day's bytes that is used, from 0 to 1; null without a limit. */
export function usedOfDay({ budget_day, budget_day_left }: Partner): number | null {
  if (budget_day === null || budget_day_left === null) return null;
  return Math.min(1, Math.max(0, (budget_day - budget_day_left) / budget_day));
}

/** Bytes as a person reads them. */
export function spelledBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(4, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${value.toFixed(value < 10 ? 1 : 0)} ${['B', 'kB', 'MB', 'GB', 'TB'][power]}`;
}

/** What is said of an object that a partner has, beside what the stream would say of it. */
export interface Facts {
  meta: Omit<Meta, 'i'>;
  lat: number | null;
  lon: number | null;
  course: number | null;
  speed: number | null;
  happened: string;
  stale: boolean;
  clause: string;
  form: string;
  released: string;
  /** Of a preview there is no line. */
  line?: number;
  agreement?: string;
  serial?: number;
  mark?: string | null;
}

export interface Feature {
  properties: Facts;
}

/** A picture that is not our own: a partner's at some moment, or what a text would let out. */
export interface Foreign {
  kind: 'partner' | 'preview';
  partner: string;
  at: string;
  /** What was released before is not in it; null: everything is. */
  since: string | null;
  store: Store;
  facts: ReadonlyMap<string, Facts>;
  /** Sentences' keys with numbers: what is not in it. */
  lacks: readonly { why: string; count: number }[];
}

const units = (value: number | null, factor: number, most: number) =>
  value === null || !Number.isFinite(value) || value < 0 ? UNKNOWN : Math.min(most, Math.round(value * factor));

/** The store of such a picture; what has no place is in the list alone. */
export function storeOf(features: readonly Feature[], at: number): Store {
  const store = new Store();
  const all = features.map((each) => each.properties);
  store.describe(all.map((each, i) => ({ ...each.meta, i }) as Meta));
  const column = (of: (each: Facts) => number) => all.map(of);
  store.move({
    t: 'TRK1',
    time: at,
    index: Uint32Array.from(all.keys()),
    lon: Int32Array.from(column(({ lat, lon }) => (lat === null || lon === null ? NO_PLACE : Math.round(lon * DEGREE)))),
    lat: Int32Array.from(column(({ lat, lon }) => (lat === null || lon === null ? NO_PLACE : Math.round(lat * DEGREE)))),
    course: Uint16Array.from(column(({ course }) => units(course, CENTI, 35_999))),
    speed: Uint16Array.from(column(({ speed }) => units(speed, CENTI, 65_534))),
  });
  store.date({
    t: 'AGE1',
    time: at,
    index: Uint32Array.from(all.keys()),
    seconds: Uint32Array.from(column(({ happened }) => Math.max(0, Math.round((at - Date.parse(happened)) / 1000) || 0))),
  });
  store.age(all.flatMap((each, i): [number, string][] => (each.stale ? [[i, 'stale']] : [])));
  return store;
}

export function factsOf(features: readonly Feature[]): Map<string, Facts> {
  return new Map(features.map(({ properties }) => [properties.meta.uid, properties]));
}

/** One line of a ledger, as /api/v1/ledger has it; what else it says goes by its kind. */
export interface LedgerLine {
  number: number;
  /** null of a line that cannot be read. */
  time: string | null;
  kind: string;
  agreement?: string;
  serial?: number;
  clause?: string | null;
  form?: string;
  name?: string | null;
  reason?: string;
  marking?: string;
  by?: string;
  operator?: string | null;
  outcome?: string;
  objects?: number;
  act?: string;
  through?: number;
  first?: number;
  last?: number;
  counts?: { clause: string | null; reason: string; sort: string; count: number }[];
}

/** What a line says beside its agreement, clause, form and object; `spell` has words for why something was withheld. */
export function gist(line: LedgerLine, spell: (reason: string) => string): string {
  const counts = line.counts?.map((each) => `${each.count} × ${each.clause ?? '—'}: ${spell(each.reason)}`) ?? [];
  const range = line.first === undefined ? '' : `${line.first} … ${line.last}`;
  const through = line.through === undefined ? '' : `… ${line.through}`;
  const said = line.outcome === undefined ? '' : `${line.outcome} (${line.objects ?? 0})`;
  return [line.by, line.act, said, line.reason, range, through, line.marking, ...counts, line.operator].filter(Boolean).join(' · ');
}
