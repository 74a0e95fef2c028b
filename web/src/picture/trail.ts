/** Where tracks were: places by time, few enough to be drawn, however many there are. */
import { unbroken } from './drawing';
import { metresBetween } from './geo';
import type { LonLat } from './coordinate';

/** Milliseconds since 1970, longitude, latitude. */
export type Spot = readonly [ms: number, lon: number, lat: number];

/** Tracks that have a trail at one time. */
export const MOST_TRAILS = 200;

/** Places of one trail. */
export const MOST_SPOTS = 500;

/** Milliseconds without a place beyond which a trail is broken: nobody knows where it went. */
export const GAP = 10 * 60_000;

/** So many of them, evenly chosen, both ends among them. */
export function thinned<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  if (most < 2) return all.slice(-most);
  const step = (all.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, n) => all[Math.round(n * step)]!);
}

function isPlace([ms, lon, lat]: Spot): boolean {
  return Number.isFinite(ms) && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
}

/** What the node says of a trail, in order and without what cannot be: [ms, 1e-7 degrees, 1e-7 degrees]. */
export function spotsOf(told: readonly (readonly number[])[]): Spot[] {
  const few = thinned(told, MOST_SPOTS);
  const spots = few.map(([ms, lon, lat]): Spot => [ms ?? Number.NaN, (lon ?? Number.NaN) / 1e7, (lat ?? Number.NaN) / 1e7]);
  return spots.filter(isPlace).sort((a, b) => a[0] - b[0]);
}

/** Metres a second that hardly anything of a dimension exceeds, and that anything may: as the node judges a jump. */
const FASTEST: Record<string, number> = { A: 1000, F: 1000, G: 160, S: 60, U: 120 };
const ANY = 12_000;

/** Metres that two fixes may lie apart whatever the time between them. */
const SLACK = 500;

/** Metres a second that something of this dimension (the letter of its CoT type) may do. */
export function fastest(dimension: string): number {
  return FASTEST[dimension] ?? ANY;
}

/** Whether nothing of that speed can have been at both places. */
function isJump(a: Spot, b: Spot, speed: number): boolean {
  return metresBetween([a[1], a[2]], [b[1], b[2]]) > SLACK + (speed * Math.abs(b[0] - a[0])) / 1000;
}

/** How a trail is drawn: lines through its places, and lines over what is not known. */
export interface Lines {
  known: LonLat[][];
  guessed: LonLat[][];
}

/** The lines of a trail. Over a jump there is none: what did not happen is not drawn. */
export function linesOf(spots: readonly Spot[], speed = Number.POSITIVE_INFINITY): Lines {
  const lines: Lines = { known: [], guessed: [] };
  const places = unbroken(spots.map(([, lon, lat]): LonLat => [lon, lat]));
  let from = 0;
  for (let n = 1; n <= places.length; n++) {
    const hasJumped = n < places.length && isJump(spots[n - 1]!, spots[n]!, speed);
    if (n < places.length && !hasJumped && spots[n]![0] - spots[n - 1]![0] <= GAP) continue;
    if (n - from > 1) lines.known.push(places.slice(from, n));
    if (n < places.length && !hasJumped) lines.guessed.push([places[n - 1]!, places[n]!]);
    from = n;
  }
  return lines;
}

/** Trails of some tracks, each as long as is wanted and no longer. */
export class Trails {
  /** Bumped by everything that changes what is drawn. */
  version = 0;
  readonly #spots = new Map<string, Spot[]>();
  readonly #seeded = new Set<string>();

  /** The tracks whose trail has not been asked for yet. */
  unknown(uids: readonly string[]): string[] {
    return uids.filter((uid) => !this.#seeded.has(uid));
  }

  /** Keeps the trails of these tracks, at most MOST_TRAILS of them, and no others. */
  keepOnly(uids: readonly string[]): void {
    const wanted = new Set(uids.slice(0, MOST_TRAILS));
    for (const uid of new Set([...this.#spots.keys(), ...this.#seeded])) {
      if (wanted.has(uid)) continue;
      this.#spots.delete(uid);
      this.#seeded.delete(uid);
      this.version++;
    }
  }

  /** Takes in what was before; what came meanwhile stays. */
  seed(uid: string, spots: readonly Spot[]): void {
    const since = this.#spots.get(uid) ?? [];
    const first = since[0]?.[0] ?? Number.POSITIVE_INFINITY;
    this.#seeded.add(uid);
    this.#put(uid, [...spots.filter(([ms]) => ms < first), ...since]);
  }

  /** Takes in where a track is now; again and again the same place changes nothing. */
  add(uid: string, spot: Spot): void {
    const spots = this.#spots.get(uid) ?? [];
    const last = spots.at(-1);
    if (!isPlace(spot) || (last !== undefined && spot[0] <= last[0])) return;
    this.#put(uid, [...spots, spot]);
  }

  #put(uid: string, spots: readonly Spot[]): void {
    this.#spots.set(uid, [...thinned(spots, MOST_SPOTS)]);
    this.version++;
  }

  /** Forgets what is older than that. */
  forgetBefore(ms: number): void {
    for (const [uid, spots] of this.#spots) {
      if (spots.length === 0 || spots[0]![0] >= ms) continue;
      this.#spots.set(uid, spots.filter((each) => each[0] >= ms));
      this.version++;
    }
  }

  /** Forgets all: another moment is shown. */
  clear(): void {
    this.#spots.clear();
    this.#seeded.clear();
    this.version++;
  }

  of(uid: string): readonly Spot[] {
    return this.#spots.get(uid) ?? [];
  }

  get uids(): string[] {
    return [...this.#spots.keys()];
  }
}
