/** What the page asks by HTTP for cases of search and rescue (docs/reference/api.md). */
import type { Case, CaseHead, Coverage, CoverageRun, Drift, Drifting, Helper, Plan, SitRep } from '../picture/sar';
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
  cap?: string;
  /** The name of a hazard that a feed tells of. */
  alert?: string;
  uid?: string;
}

export function openCase(opening: Opening): Promise<Case> {
  return sent('POST', 'sar/cases', opening) as Promise<Case>;
}

/** Sets facts; `seen` are the lines of them that were on the screen. */
export function setFacts(id: string, facts: Typed, seen: readonly string[]): Promise<Case> {
  return sent('POST', of(id, 'facts'), { facts, seen }) as Promise<Case>;
}

export function writeLine(id: string, line: { kind: string; text: string; position?: string; at?: string; private?: boolean }): Promise<Case> {
  return sent('POST', of(id, 'log'), line) as Promise<Case>;
}

/** Gives the case a unit, or changes it; `seen` are the lines of it that were on the screen. */
export function putUnit(id: string, unit: Typed | { uid: string; gone: true }, seen: readonly string[]): Promise<Case> {
  return sent('POST', of(id, 'units'), { ...unit, seen }) as Promise<Case>;
}

/** Writes down what may have happened, or takes it back; `seen` as with a unit. */
export function putScenario(id: string, scenario: Typed | { name: string; gone: true }, seen: readonly string[]): Promise<Case> {
  return sent('POST', of(id, 'scenarios'), { ...scenario, seen }) as Promise<Case>;
}

export function driftAt(id: string, at: string): Promise<Drift> {
  return asked(of(id, `drift?at=${encodeURIComponent(at)}`)) as Promise<Drift>;
}

/** Plans for the units of a case; `tracks` are the ways, as they were typed, of those that search along one. */
export function planFor(id: string, patterns: Typed, tracks: Typed, keep: boolean): Promise<Plan> {
  return sent('POST', of(id, 'plan'), { patterns, tracks, keep }) as Promise<Plan>;
}

/** What was searched, worked out while one waits. */
export function coverageNow(id: string): Promise<Coverage> {
  return asked(of(id, 'coverage')) as Promise<Coverage>;
}

/** Begins to work out what was searched. */
export function beginCoverage(id: string): Promise<CoverageRun> {
  return sent('POST', of(id, 'coverage-runs'), {}) as Promise<CoverageRun>;
}

/** How far that is, with the coverage once it is done. */
export function coverageRun(id: string, run: string): Promise<CoverageRun> {
  return asked(of(id, `coverage-runs/${encodeURIComponent(run)}`)) as Promise<CoverageRun>;
}

export function endCoverage(id: string, run: string): Promise<unknown> {
  return sent('DELETE', of(id, `coverage-runs/${encodeURIComponent(run)}`), {});
}

/** Gives a case its wind or current as a file, NetCDF or GRIB. */
export function putConditions(id: string, kind: string, file: File): Promise<Case> {
  const headers = { 'Content-Type': 'application/octet-stream' };
  return asked(of(id, `conditions/${kind}`), { method: 'PUT', headers, body: file }) as Promise<Case>;
}

export function keepCoverage(id: string): Promise<Case> {
  return sent('POST', of(id, 'coverage'), {}) as Promise<Case>;
}

export async function helpersFor(id: string): Promise<Helper[]> {
  return ((await asked(of(id, 'helpers'))) as { helpers: Helper[] }).helpers;
}

/** Sends a unit its task, `to` the uid of a TAK client. */
export function sendTask(id: string, unit: string, to: string): Promise<Case> {
  return sent('POST', of(id, 'send'), { unit, to }) as Promise<Case>;
}

export async function reportNow(id: string, to: string): Promise<string> {
  return ((await asked(of(id, `report?to=${encodeURIComponent(to)}`))) as { text: string }).text;
}

/** Every report of a case, the oldest first. */
export async function reportsOf(id: string): Promise<SitRep[]> {
  return ((await asked(of(id, 'reports'))) as { reports: SitRep[] }).reports;
}

/** Keeps a report for a person to review. */
export function draftReport(id: string, to: string, text: string): Promise<SitRep> {
  return sent('POST', of(id, 'reports'), { to, text }) as Promise<SitRep>;
}

/** Lets a draft go as it was read, and changed. */
export function reviewReport(id: string, draft: string, text: string): Promise<SitRep> {
  return sent('POST', of(id, `reports/${encodeURIComponent(draft)}/review`), { text }) as Promise<SitRep>;
}

/** Where a report is fetched: as PDF, or as plain text to be sent. */
export function reportPath(id: string, report: string, as: 'pdf' | 'text'): string {
  return `/api/v1/${of(id, `reports/${encodeURIComponent(report)}/${as}`)}`;
}

export function shareCase(id: string, marking: string, gone: boolean): Promise<Case> {
  return sent('POST', of(id, 'share'), gone ? { gone } : { marking }) as Promise<Case>;
}

export function leadCase(id: string, said: { to?: string; reason?: string }): Promise<Case> {
  return sent('POST', of(id, 'lead'), said) as Promise<Case>;
}

/** What drifts. */
export async function objectsKnown(): Promise<Drifting[]> {
  return ((await asked('sar/objects')) as { objects: Drifting[] }).objects;
}

/** Where a file of a case is fetched: the whole of it, or a unit's task in a form. */
export function filePath(id: string, what: 'export' | { unit: string; form: string }): string {
  return `/api/v1/${of(id, what === 'export' ? 'export' : `routes/${encodeURIComponent(what.unit)}?as=${what.form}`)}`;
}
