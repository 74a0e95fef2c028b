/** What is drawn on the picture: from places to what the node is sent, and from outlines to the map. */
import type { LonLat } from './coordinate';
import type { Meta, Outline } from './frames';
import { acrossSeam, ahead, wrapped } from './geo';

export const FORMS = ['point', 'line', 'area', 'circle'] as const;
export type Form = (typeof FORMS)[number];

/** Something that is being drawn. */
export interface Sketch {
  form: Form;
  places: readonly LonLat[];
  /** Metres, of a circle. */
  radius: number;
}

export const METRES_PER_MILE = 1852;

/** Corners of one drawing: as many as are shown again. */
export const MOST_CORNERS = 1000;

/** The radius of a circle that the node takes ends here. */
const WIDEST = 2e7;

const LEAST: Record<Form, number> = { point: 1, line: 2, area: 3, circle: 1 };

/** What is wrong with a sketch; empty where it can be sent. */
export type Fault = '' | 'few' | 'many' | 'radius';

export function faultOf({ form, places, radius }: Sketch): Fault {
  if (places.length < LEAST[form]) return 'few';
  if (form === 'area' && new Set(places.map(String)).size < LEAST.area) return 'few';
  if (places.length > (form === 'point' || form === 'circle' ? 1 : MOST_CORNERS - 1)) return 'many';
  if (form === 'circle' && !(radius > 0 && radius < WIDEST)) return 'radius';
  return '';
}

/** The geometry as GeoJSON (RFC 7946), longitudes from -180 to 180, a ring closed. */
export function geometryOf({ form, places }: Sketch): GeoJSON.Geometry {
  const corners = places.map(([lon, lat]): LonLat => [Math.abs(lon) === 180 ? lon : wrapped(lon), lat]);
  if (form === 'line') return { type: 'LineString', coordinates: corners };
  if (form === 'area') return { type: 'Polygon', coordinates: [closed(corners)] };
  return { type: 'Point', coordinates: corners[0]! };
}

/** The same sketch as the stream would bring it; null while there is too little of it to be seen. */
export function outlineOf({ form, places, radius }: Sketch): Outline | null {
  const points = places.map(([lon, lat]): LonLat => [lon, lat]);
  if (form === 'circle') return points.length && radius > 0 ? { type: 'circle', points: points.slice(0, 1), radius } : null;
  if (form === 'point' || points.length < 2) return null;
  return { type: form === 'area' && points.length > 2 ? 'area' : 'line', points, radius: null };
}

function closed(ring: readonly LonLat[]): LonLat[] {
  const [first, last] = [ring[0]!, ring.at(-1)!];
  return first[0] === last[0] && first[1] === last[1] ? [...ring] : [...ring, first];
}

/** Corners from which each next one is reached the shorter way, also over the antimeridian. */
export function unbroken(points: readonly LonLat[]): LonLat[] {
  const whole: LonLat[] = [];
  for (const [lon, lat] of points) {
    const before = whole.at(-1)?.[0] ?? lon;
    whole.push([before + 360 * acrossSeam((lon - before) / 360), lat]);
  }
  return whole;
}

/** Degrees of a circle between two of its corners on the map. */
const STEP = 5;

function roundOf(centre: LonLat, radius: number): LonLat[] {
  const corners: LonLat[] = [];
  for (let course = 0; course <= 360; course += STEP) corners.push(ahead(...centre, course % 360, radius));
  return corners;
}

/** How an outline is drawn: an area where it closes on the map, else its line alone. */
export function drawn(outline: Outline): GeoJSON.Polygon | GeoJSON.LineString {
  const { type, points, radius } = outline;
  const isArea = type !== 'line';
  const round = type === 'circle' ? roundOf(points[0]!, radius ?? 0) : isArea ? closed(points) : points;
  const line = unbroken(round);
  // What goes round a pole ends 360 degrees from where it began: it has no inside on this map.
  const closes = Math.abs(line[0]![0] - line.at(-1)![0]) < 1e-6;
  return isArea && closes ? { type: 'Polygon', coordinates: [line] } : { type: 'LineString', coordinates: line };
}

/** Where the name of an outline stands: in an area, at the middle corner of a line, north on a circle. */
export function nameAt(outline: Outline): LonLat {
  if (outline.type === 'circle') return ahead(...outline.points[0]!, 0, outline.radius ?? 0);
  const line = unbroken(outline.points);
  if (outline.type === 'line') return line[Math.floor((line.length - 1) / 2)]!;
  const middle = (of: 0 | 1) => (Math.min(...line.map((each) => each[of])) + Math.max(...line.map((each) => each[of]))) / 2;
  return [middle(0), middle(1)];
}

/** Whether everything of a drawing is here: of one with more corners only so many are told (docs/reference/stream.md). */
export function isWhole({ outline }: Meta): boolean {
  return outline === null || outline.points.length < MOST_CORNERS;
}

/** The form that an outline is drawn in, and its corners as they are typed: a ring is not closed. */
export function cornersOf(outline: Outline): { form: Form; places: LonLat[] } {
  if (outline.type === 'circle') return { form: 'circle', places: outline.points.slice(0, 1) };
  const { points } = outline;
  const [first, last] = [points[0]!, points.at(-1)!];
  const isClosed = points.length > 1 && first[0] === last[0] && first[1] === last[1];
  return { form: outline.type, places: outline.type === 'area' && isClosed ? points.slice(0, -1) : points };
}

/** Whether somebody drew a track on the page of this node himself. */
export function isOwnDrawing(meta: Meta, name: string): boolean {
  return meta.source === 'page' && meta.partner === null && meta.speaker === name;
}
