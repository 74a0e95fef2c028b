/** What the page asks by HTTP for readiness: the board, the register, its history and sheets (docs/reference/api.md). */
import type { Board, Entry, Register } from '../picture/readiness';
import { asked, sent } from './rest';

const of = (name: string, open: { [key: string]: string }) => `readiness/${name}?${new URLSearchParams(open)}`;

/** Which register: its context, and at which moment; empty is now. */
export interface When {
  context: string;
  at: string;
}

function query(when: When, more: { [key: string]: string } = {}): { [key: string]: string } {
  return { context: when.context, ...(when.at ? { at: when.at } : {}), ...more };
}

export function boardAt(when: When): Promise<Board> {
  return asked(of('board', query(when))) as Promise<Board>;
}

export function registerAt(when: When): Promise<Register> {
  return asked(of('register', query(when))) as Promise<Register>;
}

/** All that was ever said of a record, the newest first. */
export async function historyOf(when: When, sheet: string, id: string): Promise<Entry[]> {
  return ((await asked(of('history', query(when, { sheet, id })))) as { entries: Entry[] }).entries;
}

export async function clashesAt(when: When): Promise<string[]> {
  const { clashes } = (await asked(of('clashes', query(when)))) as { clashes: { text: string }[] };
  return clashes.map((each) => each.text);
}

/** Where the workbook of all sheets, or one sheet as CSV, is fetched. */
export function exportPath(when: When, sheet = ''): string {
  return `/api/v1/${of('export', query(when, sheet ? { sheet } : {}))}`;
}

/** One record as it is entered: its values, and who says so. */
export interface Row {
  sheet: string;
  id: string;
  values: { [column: string]: string };
  by: string;
  as_of: string;
  valid_until?: string;
  confidence: string;
}

export interface Taken {
  rows: number;
  values: number;
}

export function enter(row: Row, context: string): Promise<Taken> {
  return sent('POST', 'readiness/rows', { rows: [row], context }) as Promise<Taken>;
}

/** Bytes that are made into text at one time: a call has only so many arguments. */
const PIECE = 0x8000;

/** Takes a workbook or a CSV file into the register, all of it or nothing. */
export async function take(file: File, context: string): Promise<Taken> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += PIECE) text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return sent('POST', 'readiness/import', { name: file.name, data: btoa(text), context }) as Promise<Taken>;
}

/** States what may be told of a capability; the agreements decide to whom. */
export function state(capability: string, marking: string, withhold: boolean, context: string): Promise<unknown> {
  return sent('POST', 'readiness/statements', { capability, ...(marking ? { marking } : {}), withhold, context });
}
