/** What is typed into the forms of a case: what of it was refused, tables of wind, scenarios, the text of a message. */
import type { Case, Fact } from './sar';

/** Why something typed was refused, and what it can mean; `field` is empty where it is about no one of them. */
export interface Refusal {
  field: string;
  text: string;
  choices: readonly string[];
}

export const NONE_REFUSED: Refusal = { field: '', text: '', choices: [] };

/** Letters of what was typed that the node repeats in its sentence. */
const REPEATED = 40;

/** Which of the fields that were typed a refusal is about: the one it begins with, repeats, or names. */
export function refusal(text: string, parameter: string, choices: readonly string[], typed: { [name: string]: string }): Refusal {
  const begins = /^(\w+): /.exec(text)?.[1] ?? '';
  const filled = Object.entries(typed).filter(([, value]) => value.trim() !== '');
  const repeated = filled.find(([, value]) => [value, value.trim()].some((each) => isQuoted(text, each)));
  const named = parameter in typed ? parameter : '';
  const field = begins in typed ? begins : (repeated?.[0] ?? named);
  return { field, text, choices };
}

/** Whether a sentence repeats what was typed, whole or its beginning, in either quotes. */
function isQuoted(text: string, typed: string): boolean {
  const end = (quote: string) => (typed.length > REPEATED ? '' : quote);
  return [`'`, `"`].some((quote) => text.includes(`${quote}${typed.slice(0, REPEATED)}${end(quote)}`));
}

/** What a pasted text is: CAP is XML, one word names an alert of a feed, all else is taken for a beacon's message. */
export function pasted(text: string): { beacon: string } | { cap: string } | { alert: string } | null {
  const said = text.trim();
  if (said === '') return null;
  if (/^[\w.:-]+$/.test(said)) return { alert: said };
  return said.startsWith('<') ? { cap: said } : { beacon: said };
}

/** One row of a table of wind or current, as it is typed. */
export interface Row {
  time: string;
  degrees: string;
  knots: string;
}

/** The names stand first, so that one row is a table too. */
const HEAD = 'time,degrees,knots';

/** The rows of a table; none of a value that is one direction and speed, or in a file. */
export function rowsOf(value: string): Row[] {
  if (!value.includes('\n')) return [];
  const lines = value.split(/\r?\n/).filter((line) => /^\d/.test(line.trim()));
  return lines.map((line) => {
    const [time = '', degrees = '', knots = ''] = line.split(',').map((each) => each.trim());
    return { time, degrees, knots };
  });
}

/** A table as it is sent: rows that are empty are left out, and a comma in a number is its point. */
export function tableOf(rows: readonly Row[]): string {
  const number = (text: string) => text.trim().replace(',', '.');
  const filled = rows.filter((row) => row.time.trim() + row.degrees.trim() + row.knots.trim() !== '');
  return [HEAD, ...filled.map((row) => `${row.time.trim()},${number(row.degrees)},${number(row.knots)}`)].join('\n');
}

/** What may have happened, as it is kept. */
export interface Scenario {
  name: string;
  position: string;
  to: string;
  time: string;
  error: number;
  timeError: number;
  object: string;
  weight: number;
  /** Of the weights of all. */
  share: number;
  fact: Fact;
}

/** The scenarios of a case, with what share each has; one that cannot be read is left out. */
export function scenariosOf(facts: Case['facts']): Scenario[] {
  const found = Object.entries(facts).flatMap(([name, fact]) => {
    if (!name.startsWith('scenario:') || !fact.value) return [];
    try {
      const said = JSON.parse(fact.value) as { [name: string]: unknown };
      const number = (key: string, usual: number) => (Number.isFinite(Number(said[key])) ? Number(said[key] ?? usual) : usual);
      const text = (key: string) => (typeof said[key] === 'string' ? said[key] : '');
      return [{
        name: name.slice('scenario:'.length), position: text('position'), to: text('to'), time: text('time'), object: text('object'),
        error: number('error', 0), timeError: number('time_error', 0), weight: number('weight', 1), share: 0, fact,
      }]; // prettier-ignore
    } catch {
      return [];
    }
  });
  const all = found.reduce((sum, each) => sum + each.weight, 0);
  return found.map((each) => ({ ...each, share: all > 0 ? each.weight / all : 0 }));
}

/** A name as facts may have one: no blanks, no colons. */
export function nameOfFact(text: string): string {
  return text.trim().replace(/[\s:]+/g, '-').slice(0, 60);
}

/** Whole hours from a time in milliseconds to another, rounded down. */
export function hoursBetween(from: number, to: number): number {
  return Math.floor((to - from) / 3_600_000);
}

/** A time to the minute, as it can be typed and read again. */
export function typedTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`;
}

/** What was noted of coverage in the log, oldest first. */
export function coverageNoted(log: Case['log']): { at: string; node: string; pos: number }[] {
  return log.flatMap((line) => {
    if (line.kind !== 'covered') return [];
    try {
      const pos = Number((JSON.parse(line.value) as { pos?: unknown }).pos);
      return Number.isFinite(pos) ? [{ at: line.at, node: line.node, pos }] : [];
    } catch {
      return [];
    }
  });
}

/** The lines of a log that have all words of what is looked for, whatever their case; of a kind, where one is said. */
export function linesWith(log: Case['log'], words: string, kind: string): Case['log'] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return log.filter((line) => {
    const text = `${line.value} ${line.about} ${line.by} ${line.node}`.toLowerCase();
    return (kind === '' || line.kind === kind) && wanted.every((each) => text.includes(each));
  });
}
