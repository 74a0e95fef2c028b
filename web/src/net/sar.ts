/** What the page asks by HTTP for cases of search and rescue (docs/reference/api.md). */
import type { Case, CaseHead, Coverage, Drift, Helper, Plan } from '../picture/sar';
import { asked, sent } from './rest';

const of = (id: string, what = '') => `sar/cases/${encodeURIComponent(id)}${what && `/${what}`}`;

/** Facts by name, as they were typed. */
export type Typed = { [name: string]: string };

export async function casesNow(): Promise<CaseHead[]> {
  return ((await asked('sar/cases')) as { cases: CaseHead[] }).cases;
}

export function caseNow(id: string): Promise<Case> {
  return asked(of(id)) as Promise<Case>;
}

/** What a case begins with: what was typed, and the text of a beacon's message or a track. */
export interface Opening {
  facts: Typed;
  note: string;
  context: string;
  beacon?: string;
  uid?: string;
}

export function openCase(opening: Opening): Promise<Case> {
  return sent('POST', 'sar/cases', opening) as Promise<Case>;
}

/** Sets facts; `seen` are the lines of them that were on the screen. */
export function setFacts(id: string, facts: Typed, seen: readonly string[]): Promise<Case> {
  return sent('POST', of(id, 'facts'), { facts, seen }) as Promise<Case>;
}

export function writeLine(id: string, line: { kind: string; text: string; position?: string; private?: boolean }): Promise<Case> {
  return sent('POST', of(id, 'log'), line) as Promise<Case>;
}

export function putUnit(id: string, unit: Typed | { uid: string; gone: true }): Promise<Case> {
  return sent('POST', of(id, 'units'), unit) as Promise<Case>;
}

export function driftAt(id: string, at: string): Promise<Drift> {
  return asked(of(id, `drift?at=${encodeURIComponent(at)}`)) as Promise<Drift>;
}

export function planFor(id: string, patterns: { [unit: string]: string }, keep: boolean): Promise<Plan> {
  return sent('POST', of(id, 'plan'), { patterns, keep }) as Promise<Plan>;
}

export function coverageNow(id: string): Promise<Coverage> {
  return asked(of(id, 'coverage')) as Promise<Coverage>;
}

export function keepCoverage(id: string): Promise<Case> {
  return sent('POST', of(id, 'coverage'), {}) as Promise<Case>;
}

export async function helpersFor(id: string): Promise<Helper[]> {
  return ((await asked(of(id, 'helpers'))) as { helpers: Helper[] }).helpers;
}

export function sendTask(id: string, unit: string): Promise<Case> {
  return sent('POST', of(id, 'send'), { unit }) as Promise<Case>;
}

export async function reportNow(id: string, to: string): Promise<string> {
  return ((await asked(of(id, `report?to=${encodeURIComponent(to)}`))) as { text: string }).text;
}

export function releaseReport(id: string, text: string, to: string): Promise<Case> {
  return sent('POST', of(id, 'report'), { text, to }) as Promise<Case>;
}

export function shareCase(id: string, marking: string, gone: boolean): Promise<Case> {
  return sent('POST', of(id, 'share'), gone ? { gone } : { marking }) as Promise<Case>;
}

export function leadCase(id: string, said: { to?: string; reason?: string }): Promise<Case> {
  return sent('POST', of(id, 'lead'), said) as Promise<Case>;
}

/** What drifts, by key. */
export async function objectsKnown(): Promise<{ key: string; name: string }[]> {
  return ((await asked('sar/objects')) as { objects: { key: string; name: string }[] }).objects;
}

/** Where a file of a case is fetched: the whole of it, or a unit's task in a form. */
export function filePath(id: string, what: 'export' | { unit: string; form: string }): string {
  return `/api/v1/${of(id, what === 'export' ? 'export' : `routes/${encodeURIComponent(what.unit)}?as=${what.form}`)}`;
}
