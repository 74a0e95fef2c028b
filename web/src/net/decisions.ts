/** What people decide about tracks (docs/reference/api.md). */
import { asked, sent } from './rest';

export type Verdict = 'join' | 'split' | 'prefer';

export interface Decision {
  number: number;
  verdict: Verdict;
  context: string;
  uid: string;
  other: string | null;
  source: string | null;
  speaker: string | null;
  at: string;
  by: string;
  why: string;
  undone: string | null;
  undone_by: string | null;
}

export async function decisionsNow(): Promise<Decision[]> {
  return ((await asked('decisions')) as { decisions: Decision[] }).decisions;
}

export function decide(said: { verdict: Verdict; context: string; uid: string; why: string; other?: string; source?: string; speaker?: string }): Promise<unknown> {
  return sent('POST', 'decisions', said);
}

export function undo(number: number): Promise<unknown> {
  return sent('POST', `decisions/${number}/undo`, {});
}
