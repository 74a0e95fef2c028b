/** Positions on the sphere and on the map: degrees, Web Mercator from 0 to 1, text for people. */
import { forward } from 'mgrs';

/** Beyond this latitude Web Mercator has no place (EPSG:3857). */
export const MERCATOR_END = 85.05112878;

const RADIUS = 6371008.8; // metres, mean radius of WGS 84 (IUGG)

/** West to east as 0 to 1. */
export function mercatorX(lon: number): number {
  return lon / 360 + 0.5;
}

/** North to south as 0 to 1. */
export function mercatorY(lat: number): number {
  const held = Math.max(-MERCATOR_END, Math.min(MERCATOR_END, lat));
  const sine = Math.sin((held * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
}

/** The way from one x to another that does not go round the world: -0.5 to 0.5. */
export function acrossSeam(dx: number): number {
  return dx - Math.floor(dx + 0.5);
}

/** A longitude from -180 to 180. */
export function wrapped(lon: number): number {
  return lon - 360 * Math.floor((lon + 180) / 360);
}

/** Where somebody is after `metres` on a course (degrees true), along the great circle. */
export function ahead(lon: number, lat: number, course: number, metres: number): [number, number] {
  const rad = Math.PI / 180;
  const angle = metres / RADIUS;
  const from = lat * rad;
  const to = Math.asin(
    Math.sin(from) * Math.cos(angle) + Math.cos(from) * Math.sin(angle) * Math.cos(course * rad),
  );
  const turn = Math.atan2(
    Math.sin(course * rad) * Math.sin(angle) * Math.cos(from),
    Math.cos(angle) - Math.sin(from) * Math.sin(to),
  );
  return [wrapped(lon + turn / rad), to / rad];
}

/** Great-circle metres between two positions. */
export function metresBetween(a: [number, number], b: [number, number]): number {
  const rad = Math.PI / 180;
  const dLat = (b[1] - a[1]) * rad;
  const dLon = (b[0] - a[0]) * rad;
  const h =
    Math.sin(dLat / 2) ** 2 +
    Math.cos(a[1] * rad) * Math.cos(b[1] * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * RADIUS * Math.asin(Math.min(1, Math.sqrt(h)));
}

function sexagesimal(degrees: number, width: number, letters: [string, string]): string {
  const thousandths = Math.round(Math.abs(degrees) * 60_000);
  const whole = Math.floor(thousandths / 60_000);
  const minutes = ((thousandths % 60_000) / 1000).toFixed(3).padStart(6, '0');
  return `${String(whole).padStart(width, '0')}°${minutes}'${letters[degrees < 0 ? 1 : 0]}`;
}

/** Degrees and decimal minutes, as on a chart: 41°17.340'S 174°46.620'E. */
export function spelled(lon: number, lat: number): string {
  return `${sexagesimal(lat, 2, ['N', 'S'])} ${sexagesimal(wrapped(lon), 3, ['E', 'W'])}`;
}

/** The MGRS reference to 10 metres, in groups; empty where MGRS has none (poles). */
export function mgrs(lon: number, lat: number): string {
  if (lat < -80 || lat > 84) return '';
  const text = forward([wrapped(lon), lat], 4);
  const square = text.length - 8;
  return `${text.slice(0, square - 2)} ${text.slice(square - 2, square)} ${text.slice(square, square + 4)} ${text.slice(square + 4)}`;
}
