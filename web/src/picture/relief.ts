/** Incidents of relief, as the node tells them, and what of them is shown on the map. */
import type { LatLon } from './sar';

export interface Said {
  value: string;
  by: string;
  node: string;
  at: string;
}

export interface FieldValue extends Said {
  /** The lines that whoever changes it has to have seen. */
  seen: string[];
  rivals: Said[];
}

export interface ReliefRecord {
  sort: string;
  id: string;
  node: string;
  fields: { [name: string]: FieldValue };
  matched?: number;
  left?: number | null;
  found?: number;
  missing?: number | null;
  fault?: string;
}

export interface IncidentHead {
  id: string;
  context: string;
  opened: string;
  closed: boolean;
  shared: boolean;
  fields: { [name: string]: string };
}

export interface ReliefLine {
  id: string;
  node: string;
  at: string;
  by: string;
  record: string;
  fields: { [name: string]: string };
  note: boolean;
  reach: string;
}

export interface Incident extends IncidentHead {
  records: ReliefRecord[];
  totals: { accounts: number; aboard: number; unhurt: number; injured: number; dead: number; missing: number; unknown: number };
  doubts: string[];
  log: ReliefLine[];
}

export interface Alert {
  identifier: string;
  incident: string;
  status: string;
  kind: string;
  sent: string;
  headline: string;
  event: string;
  replaced_by: string | null;
}

/** The fields of each sort of record. */
export interface Known {
  [sort: string]: { name: string; required: boolean; personal: boolean; choices: string[] }[];
}

/** What people add, in the order of the page. */
export const SORTS = ['need', 'offer', 'match', 'activity', 'movement', 'account', 'person', 'methane', 'medevac'] as const;

/** What goes out and comes in as a sheet. */
export const SHEETS = ['activity', 'need', 'offer', 'movement'] as const;

export const FORMS: ReadonlySet<string> = new Set(['methane', 'medevac']);

/** Fields that name a record of the sort that they are called for. */
export const REFERRED: ReadonlySet<string> = new Set(['need', 'offer', 'match', 'account']);

const TITLES: { [sort: string]: string[] } = {
  incident: ['title'], need: ['what', 'where'], offer: ['what', 'org'], match: ['need', 'offer', 'quantity'], activity: ['org', 'what', 'where'],
  movement: ['what', 'from_place', 'to_place'], account: ['what'], person: ['name', 'state'], methane: ['type', 'where'], medevac: ['callsign', 'where'], alert: ['headline'],
}; // prettier-ignore

/** What a record is called in a list. */
export function titleOf(record: ReliefRecord): string {
  const parts = (TITLES[record.sort] ?? []).map((name) => record.fields[name]?.value ?? '').filter(Boolean);
  return parts.join(', ') || record.id;
}

/** The head of an incident as a record. */
export function headOf(incident: Incident): ReliefRecord | undefined {
  return incident.records.find((each) => each.sort === 'incident');
}

/** What was changed of what was there: nothing of what says the same. */
export function changedOf(before: { [name: string]: string }, typed: { [name: string]: string }): { [name: string]: string } {
  return Object.fromEntries(Object.entries(typed).filter(([name, value]) => value.trim() !== (before[name] ?? '').trim()));
}

/** The lines that stood on the screen for these fields. */
export function seenOf(record: ReliefRecord | null, names: readonly string[]): string[] {
  return [...new Set(names.flatMap((name) => record?.fields[name]?.seen ?? []))];
}

/** A kept position; null where it is none. */
export function placeOf(value: string | undefined): LatLon | null {
  const [lat, lon] = (value ?? '').split(',').map(Number);
  return lat === undefined || lon === undefined || !Number.isFinite(lat) || !Number.isFinite(lon) ? null : [lat, lon];
}

/** Every record that has a place, with what it is called there. */
export function placesOf(incident: Incident, nameOf: (sort: string) => string): { at: LatLon; text: string }[] {
  return incident.records.flatMap((record) =>
    ['position', 'from_position', 'to_position'].flatMap((name) => {
      const at = placeOf(record.fields[name]?.value);
      const title = titleOf(record).slice(0, 60);
      return at === null ? [] : [{ at, text: record.sort === 'incident' ? title : `${nameOf(record.sort)}: ${title}` }];
    }),
  );
}
