/** The picture as the node sends it: columns for what moves, one value a track for what it is. */
import { type Affiliation, type Ages, type Meta, type Positions, CENTI, DEGREE, NO_PLACE, UNKNOWN } from './frames';
import { mercatorX, mercatorY } from './geo';
import { folded, plainName } from './text';

export const LIVE = 0;
export const STALE = 1;
/** The node has heard nothing of it for long; it still shows it, so that nothing vanishes unseen. */
export const LOST = 2;

const STATES: Record<string, number> = { live: LIVE, stale: STALE, lost: LOST };

/** What `side` counts by. */
export const SIDES: readonly Affiliation[] = ['u', 'p', 'a', 'f', 'n', 's', 'h', 'j', 'k'];

/** Bits of `marks`: what is asked of every track at every frame of the map. */
export const HAS_CELL = 1;
export const IS_DRAWN = 2;

/** Tracks held; more are counted in `refused`, and not drawn. */
export const MOST_TRACKS = 250_000;

/** Tracks that went, whose reason is remembered. */
const MOST_REASONS = 1000;

const NOWHERE = Number.NaN;

function grown<T extends Float64Array | Uint8Array | Float32Array>(old: T, into: T): T {
  into.set(old);
  return into;
}

/** What is hooked, alerted or hostile comes before what is not. */
const WEIGHT: Record<string, number> = { h: 60, j: 55, k: 55, s: 50, f: 30, a: 28, n: 24, u: 22, p: 20 };

/** How much a track is to be seen, where there is no room for all. */
export function weightOf(meta: Meta): number {
  return (WEIGHT[meta.affiliation ?? ''] ?? 20) + (meta.emergency ? 100 : 0);
}

/** Every track that the page knows, by slot; a slot is used again when its track has gone. */
export class Store {
  readonly metas: (Meta | undefined)[] = [];
  x = new Float64Array(1024); // Web Mercator, 0 to 1; NaN while nothing is known
  y = new Float64Array(1024);
  lon = new Float64Array(1024);
  lat = new Float64Array(1024);
  course = new Float32Array(1024); // degrees true; NaN while not known
  speed = new Float32Array(1024); // m/s; NaN while not known
  time = new Float64Array(1024); // ms since 1970, of the newest position
  state = new Uint8Array(1024);
  weight = new Uint8Array(1024);
  /** Its affiliation, as a number of SIDES. */
  side = new Uint8Array(1024);
  /** HAS_CELL where it was released on a grid, IS_DRAWN where it has an outline. */
  marks = new Uint8Array(1024);
  /** Bumped by everything that changes what is drawn. */
  version = 0;
  /** Bumped by what changes which tracks there are, and what they are. */
  described = 0;
  refused = 0;
  readonly #slots = new Map<number, number>();
  readonly #byUid = new Map<string, number>();
  readonly #free: number[] = [];
  /** uid -> why it went, of what went lately. */
  readonly #why = new Map<string, string>();
  readonly #texts: (string | undefined)[] = [];

  /** How many slots are in use or were: the length of the columns that has a meaning. */
  get end(): number {
    return this.metas.length;
  }

  get size(): number {
    return this.#byUid.size;
  }

  slotOf(uid: string): number | undefined {
    return this.#byUid.get(uid);
  }

  /** What a search looks through: made when it is first asked for, and not again until the track is described anew. */
  textOf(slot: number): string {
    const { name, uid, type, speaker } = this.metas[slot]!;
    return (this.#texts[slot] ??= folded(`${name} ${uid} ${type} ${speaker}`));
  }

  /** Why a track is not there any more; undefined where it is, or went long ago. */
  whyGone(uid: string): string | undefined {
    return this.#why.get(uid);
  }

  /** Forgets everything: a new snapshot comes. */
  clear(): void {
    this.metas.length = this.#texts.length = 0;
    this.#slots.clear();
    this.#byUid.clear();
    this.#free.length = 0;
    this.#why.clear();
    this.described++;
    this.version++;
  }

  /** Takes in what tracks are. Place and state stay; a uid under another index takes its track along. */
  describe(metas: readonly Meta[]): void {
    for (const each of metas) {
      const name = plainName(each.name);
      const meta = name === each.name ? each : { ...each, name };
      const slot = this.#slots.get(meta.i) ?? this.#byUid.get(meta.uid) ?? this.#newSlot();
      if (slot === undefined) continue;
      const before = this.metas[slot];
      if (before !== undefined && before.uid !== meta.uid) this.#byUid.delete(before.uid);
      if (before !== undefined && before.i !== meta.i) this.#slots.delete(before.i);
      this.metas[slot] = meta;
      this.#slots.set(meta.i, slot);
      this.#byUid.set(meta.uid, slot);
      this.#why.delete(meta.uid);
      this.weight[slot] = weightOf(meta);
      this.side[slot] = Math.max(0, SIDES.indexOf(meta.affiliation ?? 'u'));
      this.marks[slot] = (meta.cell ? HAS_CELL : 0) | (meta.outline ? IS_DRAWN : 0);
      this.#texts[slot] = undefined;
    }
    this.described++;
    this.version++;
  }

  #newSlot(): number | undefined {
    const free = this.#free.pop();
    if (free !== undefined) return this.#blank(free);
    if (this.end >= MOST_TRACKS) {
      this.refused++;
      return undefined;
    }
    if (this.end >= this.x.length) this.#grow(2 * this.x.length);
    this.metas.push(undefined);
    return this.#blank(this.end - 1);
  }

  #blank(slot: number): number {
    this.state[slot] = LIVE;
    this.marks[slot] = 0;
    return this.#displace(slot);
  }

  #displace(slot: number): number {
    this.x[slot] = this.y[slot] = this.lon[slot] = this.lat[slot] = NOWHERE;
    this.course[slot] = this.speed[slot] = NOWHERE;
    this.time[slot] = 0;
    return slot;
  }

  #grow(to: number): void {
    this.x = grown(this.x, new Float64Array(to));
    this.y = grown(this.y, new Float64Array(to));
    this.lon = grown(this.lon, new Float64Array(to));
    this.lat = grown(this.lat, new Float64Array(to));
    this.course = grown(this.course, new Float32Array(to));
    this.speed = grown(this.speed, new Float32Array(to));
    this.time = grown(this.time, new Float64Array(to));
    this.state = grown(this.state, new Uint8Array(to));
    this.weight = grown(this.weight, new Uint8Array(to));
    this.side = grown(this.side, new Uint8Array(to));
    this.marks = grown(this.marks, new Uint8Array(to));
  }

  /** Moves tracks. A position that cannot be is not taken: the track stays where it was. */
  move(positions: Positions): void {
    const { index, lon, lat, course, speed, time } = positions;
    for (let n = 0; n < index.length; n++) {
      const slot = this.#slots.get(index[n]!);
      if (slot === undefined) continue;
      if (lon[n] === NO_PLACE && lat[n] === NO_PLACE) {
        this.#displace(slot);
        continue;
      }
      const [east, north] = [lon[n]! / DEGREE, lat[n]! / DEGREE];
      if (Math.abs(east) > 180 || Math.abs(north) > 90) {
        this.refused++;
        continue;
      }
      this.lon[slot] = east;
      this.lat[slot] = north;
      this.x[slot] = mercatorX(east);
      this.y[slot] = mercatorY(north);
      this.course[slot] = course[n] === UNKNOWN ? NOWHERE : course[n]! / CENTI;
      this.speed[slot] = speed[n] === UNKNOWN ? NOWHERE : speed[n]! / CENTI;
      this.time[slot] = time;
    }
    this.version++;
  }

  /** Takes in which positions are older than the message that brought them. */
  date(ages: Ages): void {
    for (let n = 0; n < ages.index.length; n++) {
      const slot = this.#slots.get(ages.index[n]!);
      if (slot !== undefined) this.time[slot] = ages.time - 1000 * ages.seconds[n]!;
    }
    this.version++;
  }

  /** Takes in which tracks are live, stale and lost; a state that is not known here counts as stale. */
  age(states: readonly [number, string][]): void {
    for (const [index, state] of states) {
      const slot = this.#slots.get(index);
      if (slot !== undefined) this.state[slot] = STATES[state] ?? STALE;
    }
    this.version++;
  }

  /** Lets tracks go, and remembers why. */
  drop(gone: readonly [number, string][]): void {
    for (const [index, reason] of gone) {
      const slot = this.#slots.get(index);
      if (slot === undefined) continue;
      this.#slots.delete(index);
      this.#note(this.metas[slot]!.uid, reason);
      this.#vacate(slot);
    }
    this.described++;
    this.version++;
  }

  #note(uid: string, reason: string): void {
    if (this.#why.size >= MOST_REASONS) this.#why.delete(this.#why.keys().next().value!);
    this.#why.set(uid, reason);
  }

  #vacate(slot: number): void {
    this.#byUid.delete(this.metas[slot]!.uid);
    this.metas[slot] = undefined;
    this.#blank(slot);
    this.#free.push(slot);
  }
}
