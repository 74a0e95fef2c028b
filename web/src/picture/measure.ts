/** Range and bearing between places, on the ellipsoid of WGS 84. */
import type { LonLat } from './coordinate';
import { METRES_PER_MILE } from './drawing';
import { acrossSeam, ahead, metresBetween, wrapped } from './geo';

/** One leg: metres, and the course on which it begins, degrees true; null where there is none to tell. */
export interface Leg {
  metres: number;
  course: number | null;
}

/** Legs of one measurement. */
export const MOST_LEGS = 200;

const A = 6378137; // WGS 84, metres
const F = 1 / 298.257223563;
const B = A * (1 - F);
const RAD = Math.PI / 180;

/** Rounds of Vincenty's iteration; between places almost opposite each other it does not settle. */
const MOST_ROUNDS = 100;
const SETTLED = 1e-12;

interface Turn {
  sinSigma: number;
  cosSigma: number;
  sigma: number;
  sinAlpha: number;
  cosSqAlpha: number;
  cos2Sm: number;
  sinLambda: number;
  cosLambda: number;
}

function turnOf(u1: number, u2: number, lambda: number): Turn {
  const [sinLambda, cosLambda] = [Math.sin(lambda), Math.cos(lambda)];
  const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  const sinSigma = Math.hypot(c2 * sinLambda, c1 * s2 - s1 * c2 * cosLambda);
  const cosSigma = s1 * s2 + c1 * c2 * cosLambda;
  const sinAlpha = sinSigma === 0 ? 0 : (c1 * c2 * sinLambda) / sinSigma;
  const cosSqAlpha = 1 - sinAlpha ** 2;
  const cos2Sm = cosSqAlpha < 1e-15 ? 0 : cosSigma - (2 * s1 * s2) / cosSqAlpha;
  return { sinSigma, cosSigma, sigma: Math.atan2(sinSigma, cosSigma), sinAlpha, cosSqAlpha, cos2Sm, sinLambda, cosLambda };
}

/** The next lambda (T. Vincenty, Survey Review XXIII 176, 1975, equations 10 and 11). */
function nextLambda(turn: Turn, l: number): number {
  const { sinSigma, cosSigma, sigma, sinAlpha, cosSqAlpha, cos2Sm } = turn;
  const c = (F / 16) * cosSqAlpha * (4 + F * (4 - 3 * cosSqAlpha));
  return l + (1 - c) * F * sinAlpha * (sigma + c * sinSigma * (cos2Sm + c * cosSigma * (2 * cos2Sm ** 2 - 1)));
}

/** Metres of a turn (equations 3, 4 and 6, 19). */
function lengthOf({ sinSigma, cosSigma, sigma, cosSqAlpha, cos2Sm }: Turn): number {
  const uSq = cosSqAlpha * (A ** 2 / B ** 2 - 1);
  const a = 1 + (uSq / 16384) * (4096 + uSq * (-768 + uSq * (320 - 175 * uSq)));
  const b = (uSq / 1024) * (256 + uSq * (-128 + uSq * (74 - 47 * uSq)));
  const last = (b / 6) * cos2Sm * (4 * sinSigma ** 2 - 3) * (4 * cos2Sm ** 2 - 3);
  const change = b * sinSigma * (cos2Sm + (b / 4) * (cosSigma * (2 * cos2Sm ** 2 - 1) - last));
  return B * a * (sigma - change);
}

/** The way from one place to another. Where Vincenty does not settle the sphere answers, to half a percent. */
export function legOf(from: LonLat, to: LonLat): Leg {
  const l = 2 * Math.PI * acrossSeam((to[0] - from[0]) / 360);
  const [u1, u2] = [from, to].map(([, lat]) => Math.atan((1 - F) * Math.tan(lat * RAD))) as [number, number];
  if (l === 0 && u1 === u2) return { metres: 0, course: null };
  let lambda = l;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const turn = turnOf(u1, u2, lambda);
    const next = nextLambda(turn, l);
    if (Math.abs(next - lambda) < SETTLED) return { metres: lengthOf(turn), course: courseOf(u1, u2, turn) };
    lambda = next;
  }
  return { metres: metresBetween(from, to), course: null };
}

function courseOf(u1: number, u2: number, { sinLambda, cosLambda }: Turn): number {
  const east = Math.cos(u2) * sinLambda;
  const north = Math.cos(u1) * Math.sin(u2) - Math.sin(u1) * Math.cos(u2) * cosLambda;
  const course = Math.atan2(east, north) / RAD;
  return course < 0 ? course + 360 : course;
}

/** The legs from each place to the next. */
export function legsOf(places: readonly LonLat[]): Leg[] {
  return places.slice(1, MOST_LEGS + 1).map((place, n) => legOf(places[n]!, place));
}

/** Metres between two points of a leg as it is drawn. */
const STEP = 100_000;

/** The places with so many between them that a great circle is drawn as one. */
export function bent(places: readonly LonLat[]): LonLat[] {
  const line: LonLat[] = [];
  legsOf(places).forEach(({ metres, course }, n) => {
    const from = places[n]!;
    line.push([wrapped(from[0]), from[1]]);
    for (let gone = STEP; course !== null && gone < metres; gone += STEP) line.push(ahead(...from, course, gone));
  });
  const last = places[Math.min(places.length - 1, MOST_LEGS)];
  if (last !== undefined) line.push([wrapped(last[0]), last[1]]);
  return line;
}

/** Nautical miles, as finely as they are worth reading. */
export function miles(metres: number): string {
  const nautical = metres / METRES_PER_MILE;
  return `${nautical.toFixed(nautical < 10 ? 2 : nautical < 1000 ? 1 : 0)} NM`;
}

/** A course as it is spoken: three figures, degrees true. */
export function spokenCourse(course: number): string {
  return `${String(Math.round(course) % 360).padStart(3, '0')}° T`;
}
