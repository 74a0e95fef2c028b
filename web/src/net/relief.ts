/** What the page asks by HTTP for incidents of relief (docs/reference/api.md). */
import type { Alert, Incident, IncidentHead, Known } from '../picture/relief';
import { asked, Problem, sent } from './rest';

const of = (id: string, what = '') => `relief/incidents/${encodeURIComponent(id)}${what && `/${what}`}`;

/** Fields by name, as they were typed. */
export type Typed = { [name: string]: string };

export async function incidentsNow(): Promise<IncidentHead[]> {
  return ((await asked('relief/incidents')) as { incidents: IncidentHead[] }).incidents;
}

export function incidentNow(id: string): Promise<Incident> {
  return asked(of(id)) as Promise<Incident>;
}

export async function fieldsKnown(): Promise<Known> {
  return ((await asked('relief/fields')) as { records: Known }).records;
}

export async function alertsNow(): Promise<Alert[]> {
  return ((await asked('relief/alerts')) as { alerts: Alert[] }).alerts;
}

/** Opens an incident; `source` is the text of a CAP alert, or the name of a hazard that a feed tells of. */
export function openIncident(fields: Typed, note: string, context: string, source: { cap?: string; alert?: string }): Promise<Incident> {
  return sent('POST', 'relief/incidents', { fields, note, context, ...source }) as Promise<Incident>;
}

/** Adds a record, or changes the one with an id; `seen` are the lines of it that were on the screen. */
export function putRecord(id: string, record: { sort: string; id: string; fields: Typed; seen?: string[] }): Promise<Incident> {
  return sent('POST', of(id, 'records'), record) as Promise<Incident>;
}

export function writeNote(id: string, text: string, own: boolean): Promise<Incident> {
  return sent('POST', of(id, 'notes'), { text, own }) as Promise<Incident>;
}

export function shareIncident(id: string, marking: string, names: boolean, gone: boolean): Promise<Incident> {
  return sent('POST', of(id, 'share'), gone ? { gone } : { marking, names }) as Promise<Incident>;
}

/** Issues an alert into the groups that the user speaks in. */
export function issueAlert(id: string, said: { fields: Typed; update?: string; cancel?: string }): Promise<Incident> {
  return sent('POST', of(id, 'alerts'), said) as Promise<Incident>;
}

/** Takes a CSV file as text, or a workbook in base64. */
export function takeSheet(id: string, sheet: string, file: { text: string } | { workbook: string }): Promise<Incident & { taken: number; same: number; ignored: string[] }> {
  return sent('POST', of(id, `sheets/${sheet}`), file) as Promise<Incident & { taken: number; same: number; ignored: string[] }>;
}

/** A form as it is read over the radio. */
export async function formSpoken(id: string, form: string): Promise<string> {
  const answer = await fetch(`/api/v1/${of(id, `forms/${encodeURIComponent(form)}`)}`, { credentials: 'same-origin', cache: 'no-store' });
  if (!answer.ok) throw new Problem(answer.status, ((await answer.json().catch(() => undefined)) as { detail?: string } | undefined)?.detail ?? answer.statusText);
  return answer.text();
}

/** Where a sheet of an incident, or an alert, is fetched as a file. */
export function reliefPath(what: { id: string; sheet: string } | { alert: string }): string {
  return `/api/v1/${'alert' in what ? `relief/alerts/${encodeURIComponent(what.alert)}` : of(what.id, `sheets/${what.sheet}`)}`;
}
