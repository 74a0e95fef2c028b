/** Cases of search and rescue, as the node tells them, and what of them is shown on the map. */

/** Latitude and longitude. */
export type LatLon = [number, number];

export interface Rival {
  value: string;
  by: string;
  node: string;
  at: string;
}

export interface Fact extends Rival {
  /** The lines that whoever changes it has to have seen. */
  seen: string[];
  rivals: Rival[];
}

export interface CaseHead {
  id: string;
  context: string;
  opened: string;
  closed: boolean;
  lead: string;
  facts: { [name: string]: Fact };
  checked: string[];
}

export interface CaseLine {
  id: string;
  node: string;
  at: string;
  by: string;
  kind: string;
  about: string;
  value: string;
  place: LatLon | null;
  private: boolean;
}

export interface Case extends CaseHead {
  log: CaseLine[];
}

/** A situation report: a draft that waits for a person, or one that a person has let go. */
export interface SitRep {
  /** The line of the log that names it. */
  id: string;
  state: 'draft' | 'reviewed';
  to: string;
  text: string;
  node: string;
  drafted_by: string | null;
  drafted: string | null;
  reviewed_by: string | null;
  reviewed: string | null;
  /** Whether partners have been told. */
  told: boolean;
}

export interface Cell {
  cell: string;
  chance: number;
  border: LatLon[];
  pod?: number;
}

/** Something that drifts in a way that is known; `doubt` is what there is to know about the figures. */
export interface Drifting {
  key: string;
  name: string;
  group: string;
  seen_as: string;
  doubt: string;
}

export interface Drift {
  at: string;
  middle: LatLon;
  within_50: number;
  within_90: number;
  particles: number;
  cells: Cell[];
  assumed: string[];
  limits: string;
}

export interface Task {
  unit: string;
  name: string;
  kind: string;
  begins: string;
  hours: number;
  speed: number;
  spacing: number;
  width: number;
  poc: number;
  pod: number;
  corners: LatLon[];
  points: LatLon[];
}

export interface Plan {
  poc: number;
  expected: number;
  bound: number;
  tasks: Task[];
  assumed: string[];
  limits: string;
}

export interface Coverage {
  at: string;
  pos: number;
  units: { unit: string; name: string; width: number; points: number; coarse: number; others: number; holes: [string, string][]; too_fast: [string, string][]; fastest: number }[];
  partners: { node: string; until: string }[];
  cells: Cell[];
  unlooked: string[];
  unlooked_chance: number;
  /** What could not be read and was left out. */
  doubts: string[];
}

/** What was searched, while it is worked out. */
export interface CoverageRun {
  id: string;
  state: 'waiting' | 'working' | 'done' | 'failed' | 'cancelled';
  done: number;
  of: number;
  trouble: string;
  coverage: Coverage | null;
}

export interface Helper {
  uid: string;
  name: string;
  kind: string;
  platform: string;
  miles: number;
  speed: number;
  assumed: boolean;
  hours: number;
  age: number;
  asked: string;
}

/** What of a case is on the map: where it may be, what was not looked at, areas and patterns, and where things were said. */
export interface OnMap {
  cells: Cell[];
  unlooked: ReadonlySet<string>;
  tasks: Pick<Task, 'name' | 'kind' | 'corners' | 'points'>[];
  places: { at: LatLon; text: string }[];
}

/** Longitudes one after the other never jump by more than half a turn, so that a line over 180° is one. */
export function joined(points: readonly LatLon[]): [number, number][] {
  let last = points[0]?.[1] ?? 0;
  return points.map(([lat, lon]) => {
    last += ((((lon - last) % 360) + 540) % 360) - 180;
    return [last, lat];
  });
}

/** The outlines of an area as it is kept: one a line, `lat,lon lat,lon ...` as in CAP. */
export function outlinesOf(text: string): LatLon[][] {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/).map((each) => each.split(',').map(Number)));
  return lines.filter((line) => line.length > 3 && line.every(([lat, lon]) => Number.isFinite(lat) && Number.isFinite(lon))) as LatLon[][];
}

/** An area as it is drawn beside tasks. */
export function areasOf(text: string, name: string): OnMap['tasks'] {
  return outlinesOf(text).map((corners) => ({ name, kind: '', corners, points: [] }));
}

/** How strongly a cell is drawn: the likeliest of all fully. */
export function strength(chance: number, most: number): number {
  return most > 0 ? Math.sqrt(chance / most) : 0;
}

/** A unit of a case, as its fact is kept. */
export interface Unit {
  name: string;
  platform: string;
  speed: number;
  hours: number;
  height_ft: number;
  width: number | null;
  arrives: string;
  tired: boolean;
}

/** The middle of a border. */
export function middleOf(border: readonly LatLon[]): LatLon {
  const points = joined(border);
  const mean = (at: 0 | 1) => points.reduce((sum, each) => sum + each[at], 0) / Math.max(1, points.length);
  return [mean(1), ((((mean(0) + 180) % 360) + 360) % 360) - 180];
}

/** A unit's fact, as a person reads it. */
export function unitOf(value: string): Unit | null {
  try {
    return JSON.parse(value) as Unit;
  } catch {
    return null;
  }
}

/** The last task of each unit, from the log. */
export function tasksOf(log: readonly CaseLine[]): (Pick<Task, 'name' | 'kind' | 'corners' | 'points' | 'begins'> & { unit: string })[] {
  const found = new Map<string, CaseLine>();
  for (const line of log) if (line.kind === 'task') found.set(line.about, line);
  return [...found.values()].flatMap((line) => {
    try {
      const said = JSON.parse(line.value) as Partial<Task>;
      if (!Array.isArray(said.corners) || !Array.isArray(said.points)) return [];
      return [{ unit: line.about, name: String(said.name), kind: String(said.kind), begins: String(said.begins), corners: said.corners, points: said.points }];
    } catch {
      return [];
    }
  });
}

/** A place in degrees and minutes, as rescue centres write it. */
export function spelledPlace(value: string): string {
  const [lat, lon] = value.split(',').map(Number);
  if (lat === undefined || lon === undefined || !Number.isFinite(lat) || !Number.isFinite(lon)) return value;
  return `${minutes(lat, 'N', 'S', 2)} ${minutes(lon, 'E', 'W', 3)}`;
}

function minutes(degrees: number, plus: string, minus: string, width: number): string {
  const tenths = Math.round(Math.abs(degrees) * 600);
  return `${String(Math.floor(tenths / 600)).padStart(width, '0')}-${((tenths % 600) / 10).toFixed(1).padStart(4, '0')}${degrees < 0 ? minus : plus}`;
}
