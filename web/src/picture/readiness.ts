/** The board and the register of readiness, as the node tells them, and how they are shown. */

export type Standing = 'offered' | 'none' | 'not released' | 'no report';

export interface Offer {
  partner: string;
  basis: 'own' | 'assumed' | 'stated';
  standing: Standing;
  number: number;
  oldest: string | null;
  until: string | null;
  by: string[];
  stale: boolean;
  confidence: string;
}

export interface Cell {
  hours: number;
  number: number;
  at_least: number[];
  oldest: string | null;
  offers: Offer[];
}

export interface Board {
  at: string;
  own: string;
  notices: number[];
  oldest: string | null;
  rows: { capability: string; cells: Cell[] }[];
  trouble: string;
}

/** One value, and who said it. */
export interface Said {
  value: string;
  by: string;
  as_of: string;
  valid_until: string | null;
  confidence: string;
  stale: boolean;
  entered: string;
  person: string;
}

export interface Entry extends Said {
  number: number;
  column: string;
}

export interface Kept {
  id: string;
  stale: boolean;
  oldest: string;
  values: { [column: string]: Said };
}

export interface Register {
  at: string;
  columns: { [sheet: string]: string[] };
  sheets: { [sheet: string]: Kept[] };
}

/** What is said of an invented value wherever it is shown. */
export const INVENTED = 'C';

/** How a cell looks: something is offered, only what is stale or not told, or nothing. */
export function light(cell: Cell): 'offered' | 'stale' | 'blank' {
  if (cell.number > 0) return 'offered';
  return cell.offers.some((each) => each.stale) ? 'stale' : 'blank';
}

/** The probabilities of at least so many, as whole per cent: never 0 or 100 for what is not certain. */
export function perCent(chance: number): string {
  if (chance > 0 && chance < 0.005) return '<1 %';
  if (chance < 1 && chance > 0.995) return '>99 %';
  return `${Math.round(chance * 100)} %`;
}

/** The nations that stand so in any cell of a row, in the order of their codes. */
export function nations(cells: readonly Cell[], standing: Standing): string[] {
  const last = cells.at(-1);
  return last === undefined ? [] : last.offers.filter((each) => each.standing === standing).map((each) => each.partner);
}

/** The nations of a row of which something is stale, and so not counted. */
export function staleOf(cells: readonly Cell[]): string[] {
  return (cells.at(-1)?.offers ?? []).filter((each) => each.stale).map((each) => each.partner);
}

/** The nations of a row whose numbers are invented. */
export function inventedOf(cells: readonly Cell[]): string[] {
  return (cells.at(-1)?.offers ?? []).filter((each) => each.confidence === INVENTED && each.by.length > 0).map((each) => each.partner);
}

/** The oldest input of a row, empty where nothing was put in. */
export function oldestOf(cells: readonly Cell[]): string {
  return cells.reduce((oldest, each) => (each.oldest !== null && (oldest === '' || each.oldest < oldest) ? each.oldest : oldest), '');
}

/** What is entered of a record: the columns that say something. */
export function entered(values: { [column: string]: string }): { [column: string]: string } {
  return Object.fromEntries(Object.entries(values).filter(([, text]) => text.trim() !== ''));
}
