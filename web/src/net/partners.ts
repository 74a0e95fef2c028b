/** What the page asks by HTTP about partners: links, pictures, ledgers, agreements (docs/reference/api.md). */
import type { Feature, LedgerLine, Partner, Pause, Stopped } from '../picture/partners';
import { asked, sent } from './rest';

export async function partnersNow(): Promise<{ at: string; partners: Partner[] }> {
  return (await asked('partners')) as { at: string; partners: Partner[] };
}

/** What people of this node let not flow, whoever did so. */
export async function pausesNow(): Promise<Stopped[]> {
  return ((await asked('pauses')) as { pauses: Stopped[] }).pauses;
}

/** A partner's picture, as GeoJSON with what is not in it. */
export interface Picture {
  partner: string;
  at: string;
  features: Feature[];
  left_out: number;
  elsewhere: number;
  hidden: number;
  removed: number;
  recalled: number;
  gone: { why: string; count: number }[];
  /** There was no time for what was released before; null: all was looked at. */
  since: string | null;
  begins: string | null;
}

/** What a partner could see at some moment; now, where none is said. */
export function pictureOf(node: string, context: string, at: string | null): Promise<Picture> {
  const moment = at === null ? '' : `&at=${encodeURIComponent(at)}`;
  return asked(`partners/${encodeURIComponent(node)}/picture?context=${encodeURIComponent(context)}${moment}`) as Promise<Picture>;
}

export interface RecallTold {
  number: number;
  at: string;
  by: string;
  reason: string;
  uid: string;
  agreement: string;
  clause: string;
  state: string;
  refused: string;
  answers: { agreement: string; clause: string; name: string; outcome: string; objects: number }[];
}

export async function recallsOf(node: string): Promise<{ recalls: RecallTold[]; more: number }> {
  return (await asked(`partners/${encodeURIComponent(node)}/recalls`)) as { recalls: RecallTold[]; more: number };
}

/** What is called back: an object, or what an agreement or one clause of it let out. */
export interface Back {
  uid?: string;
  agreement?: string;
  clause?: string;
}

export function callBack(node: string, what: Back, reason: string): Promise<unknown> {
  return sent('POST', `partners/${encodeURIComponent(node)}/recalls`, { ...what, reason });
}

export async function pause(id: string, reason: string): Promise<{ partners: string[]; in_flight: number }> {
  return (await sent('POST', `agreements/${encodeURIComponent(id)}/pause`, { reason })) as { partners: string[]; in_flight: number };
}

export function resume(id: string): Promise<unknown> {
  return sent('POST', `agreements/${encodeURIComponent(id)}/resume`, {});
}

export interface Verified {
  at: string;
  ok: boolean;
  fault: string;
  size: number;
  checkpoints: number;
  signed: number;
  cosigned: number;
  pruned: number;
  findings: { says: string; first: number | null; last: number | null }[];
  untold: number;
}

export interface LedgerPage {
  partner: string;
  size: number;
  signed: number;
  pruned: number;
  lines: LedgerLine[];
  next: string | null;
  verifying: boolean;
  verified: Verified | null;
}

/** Which lines are wanted; what is empty is not asked for. */
export interface LedgerQuery {
  from: string;
  kind: string;
  clause: string;
  uid: string;
  cursor: string;
}

export function ledgerOf(node: string, query: Partial<LedgerQuery>): Promise<LedgerPage> {
  const said = Object.entries(query).filter(([, value]) => value !== '' && value !== undefined);
  return asked(`ledger/${encodeURIComponent(node)}?${new URLSearchParams(said)}`) as Promise<LedgerPage>;
}

export function verifyLedger(node: string): Promise<unknown> {
  return sent('POST', `ledger/${encodeURIComponent(node)}/verify`, {});
}

export interface Held {
  id: string;
  serial: number;
  state: string;
  faults: string[];
  paused: Pause | null;
  title: string;
  givers: string[];
  receivers: string[];
  since: string | null;
  until: string | null;
  clauses: { number: string; title: string }[];
  text?: string;
}

export async function agreementsHeld(): Promise<Held[]> {
  return ((await asked('agreements')) as { agreements: Held[] }).agreements;
}

export function agreementOf(id: string): Promise<Held> {
  return asked(`agreements/${encodeURIComponent(id)}`) as Promise<Held>;
}

/** What a text would have let out, or what is wrong with it. */
export type Previewed =
  | { ok: false; faults: { line: number | null; clause: string | null; sentence: string }[] }
  | {
      ok: true;
      id: string;
      serial: number;
      partner: string;
      receivers: string[];
      since: string;
      until: string;
      complete: boolean;
      looked_at: number;
      released: { clause: string; title: string; form: string; reports: number; objects: number }[];
      withheld: { clause: string; title: string; reason: string; reports: number }[];
      sample: { features: Feature[]; left_out: number };
    };

export function preview(text: string, partner: string, hours: number): Promise<Previewed> {
  return sent('POST', 'agreements/preview', { text, hours, ...(partner ? { partner } : {}) }) as Promise<Previewed>;
}
