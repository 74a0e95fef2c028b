/** What the page asks by HTTP about commitments, and about what they change (docs/reference/api.md). */
import type { Answers, Asked, Event, Register, Statement } from '../picture/commitments';
import { asked, Problem, sent } from './rest';

const on = (day: string) => (day ? `?on=${encodeURIComponent(day)}` : '');

/** The register as it stands on a day; empty is today. */
export function registerOn(day: string): Promise<Register> {
  return asked(`commitments${on(day)}`) as Promise<Register>;
}

export function statementOn(id: string, day: string): Promise<Statement> {
  return asked(`commitments/${encodeURIComponent(id)}${on(day)}`) as Promise<Statement>;
}

/** Takes a statement in: whole, or not at all. */
export async function addStatement(text: string): Promise<{ id: string; clauses: number }> {
  return (await sent('POST', 'commitments', { text })) as { id: string; clauses: number };
}

/** Says something of a clause, about a day; empty is today. */
export function sayOfClause(id: string, clause: number, event: Event, day: string, text: string): Promise<unknown> {
  return sent('POST', `commitments/${encodeURIComponent(id)}/notes`, { clause, event, ...(day ? { day } : {}), ...(text ? { text } : {}) });
}

/** What was asked of commitments, and what can be; null where this node works out none. */
export async function answersNow(): Promise<Answers | null> {
  try {
    return (await asked('impact')) as Answers;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

/** Asks what commitments change. */
export function askImpact(commitments: readonly string[], source: string, baseline: string): Promise<Asked> {
  return sent('POST', 'impact', { commitments, source, ...(baseline ? { baseline } : {}) }) as Promise<Asked>;
}
