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

export interface Cell {
  cell: string;
  chance: number;
  border: LatLon[];
  pod?: number;
}

export interface Drift {
  at: string;
  middle: LatLon;
  within_50: number;
  within_90: number;
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

/** How strongly a cell is drawn: the likeliest of all fully. */
export function strength(chance: number, most: number): number {
  return most > 0 ? Math.sqrt(chance / most) : 0;
}

/** A unit's fact, as a person reads it. */
export function unitOf(value: string): { name: string; platform: string; speed: number; hours: number; arrives: string } | null {
  try {
    return JSON.parse(value) as { name: string; platform: string; speed: number; hours: number; arrives: string };
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
