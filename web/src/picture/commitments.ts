/** What people promised, as the node tells it: the register, one statement, and what was asked of it. */

export type Progress = 'not measurable' | 'not confirmed' | 'not due yet' | 'kept' | 'late' | 'broken';

/** One clause of the register. */
export interface Line {
  id: string;
  title: string;
  source: string;
  /** How well it is founded, in words, such as "invented". */
  standing: string;
  clause: number;
  binding: string;
  sentence: string;
  owed_by: string;
  owed_to: string;
  due: string | null;
  until: string | null;
  progress: Progress;
  confirmed_by: string;
}

/** Of one nation, on a day; what ends soon stands in `expiring` as well. */
export interface Register {
  nation: string;
  on: string;
  owe: Line[];
  owed: Line[];
  others: Line[];
  expiring: Line[];
  unread: { id: string; sentence: number; text: string }[];
}

export const PARTS = ['owe', 'owed', 'expiring', 'others'] as const;

/** One thing that somebody said of a clause. */
export interface Note {
  clause: number;
  event: Event;
  day: string;
  by: string;
  at: string;
  text: string;
}

export type Event = 'confirmed' | 'kept' | 'broken';

/** One statement, as it stands on a day. */
export interface Statement {
  id: string;
  title: string;
  parties: string[];
  date: string;
  source: string;
  standing: string;
  added_by: string;
  added: string;
  sentences: string[];
  clauses: Line[];
  notes: Note[];
}

/** Rows of one table, and answers; more would be scrolled, not read. */
export const MOST_LINES = 200;

/** What an invented statement's standing is called by the node. */
const INVENTED = 'invented';

export function isInvented(standing: string): boolean {
  return standing.includes(INVENTED);
}

/** A progress by its shape: nobody needs to tell colours apart. */
export function markOf(progress: Progress): string {
  return { kept: '✔', late: '!', broken: '✖', 'not due yet': '○', 'not confirmed': '?', 'not measurable': '–' }[progress] ?? '?';
}

/** The sentences in their order, each with the clauses that were read out of it; two that say the same share them. */
export function sentencesOf(statement: Statement): { text: string; clauses: Line[] }[] {
  return statement.sentences.map((text, n) => ({
    text,
    clauses: statement.sentences.indexOf(text) === n ? statement.clauses.filter((each) => each.sentence === text) : [],
  }));
}

/** What can be said of a clause now: first that it is what the sentence means, then whether it was kept. */
export function eventsOf(line: Line): Event[] {
  if (line.confirmed_by === '') return ['confirmed'];
  return line.progress === 'not measurable' ? [] : ['kept', 'broken'];
}

/** One question that was asked, or its answer. */
export interface Asked {
  id: string;
  context: string;
  asked: string;
  by: string;
  source: string;
  commitments: string[];
  baseline: string | null;
  state: 'waiting' | 'working' | 'done' | 'failed';
  done: number;
  of: number;
  trouble: string;
  /** Where the answer can be read. */
  page: string | null;
}

/** What can be asked about: the node's own register, or a scenario that it keeps. */
export interface Source {
  name: string;
  commitments: { id: string; text: string }[];
  trouble: string;
}

export interface Answers {
  answers: Asked[];
  sources: Source[];
}

/** Whether one of them is being worked out. */
export function isWorking(answers: Answers | null): boolean {
  return answers !== null && answers.answers.some((each) => each.state === 'waiting' || each.state === 'working');
}

/** How far an answer is, as whole per cent; null while that is not known. */
export function partDone({ done, of }: Asked): number | null {
  return of > 0 ? Math.min(100, Math.floor((100 * done) / of)) : null;
}
