/** Which tracks get a symbol where there is no room for all; the others get a dot. Nobody vanishes. */
import { acrossSeam } from './geo';
import type { Store } from './store';

/** What of the world is on the screen: the middle in Web Mercator, and how many pixels the world has. */
export interface View {
  x: number;
  y: number;
  world: number;
  width: number;
  height: number;
}

/** Pixels of a square in which one track has its symbol; no smaller than a symbol. */
export const SQUARE = 34;

/** Pixels beyond the edge within which a track is still drawn: its symbol may reach in. */
const MARGIN = 24;

/** Where the tracks in sight are on the screen; the first `symbols` of `slots` have a symbol. */
export interface Seen {
  slots: Uint32Array;
  px: Float32Array;
  py: Float32Array;
  symbols: number;
  count: number;
}

/** Pixels from the left of a position, by the shorter way round the world. */
export function screenX(view: View, x: number): number {
  return view.width / 2 + acrossSeam(x - view.x) * view.world;
}

export function screenY(view: View, y: number): number {
  return view.height / 2 + (y - view.y) * view.world;
}

/** Remembers of which slots something is so, for as long as nothing has changed that it goes by. */
export class Sieve {
  #passes = new Uint8Array(0);
  #by: readonly unknown[] = [];

  /** By slot, 1 where it is so; asked of every slot only where the store, or anything in `by`, is other than before. */
  sift(store: Store, isSo: (slot: number) => boolean, ...by: readonly unknown[]): Uint8Array {
    const now = [store, store.version, ...by];
    if (now.length === this.#by.length && now.every((each, n) => each === this.#by[n])) return this.#passes;
    this.#by = now;
    if (this.#passes.length < store.end) this.#passes = new Uint8Array(2 * store.end);
    for (let slot = 0; slot < store.end; slot++) this.#passes[slot] = isSo(slot) ? 1 : 0;
    return this.#passes;
  }
}

/** Culls and declutters. Keeps its memory from one frame to the next. */
export class Declutter {
  #seen: Seen = this.#room(1024);
  #holders = new Int32Array(0);

  #room(size: number): Seen {
    const [slots, px, py] = [new Uint32Array(size), new Float32Array(size), new Float32Array(size)];
    return { slots, px, py, symbols: 0, count: 0 };
  }

  /** What is in sight. `shown` tells which slots are not filtered away; `first` always has its symbol. */
  look(store: Store, view: View, shown: (slot: number) => boolean, first?: number): Seen {
    if (this.#seen.slots.length < store.end) this.#seen = this.#room(2 * store.end);
    const seen = this.#seen;
    const across = Math.ceil((view.width + 2 * MARGIN) / SQUARE);
    const down = Math.ceil((view.height + 2 * MARGIN) / SQUARE);
    if (this.#holders.length < across * down) this.#holders = new Int32Array(across * down);
    this.#holders.fill(-1, 0, across * down);
    this.#cull(store, view, shown, first, across);
    this.#symbolsFirst(across * down);
    return seen;
  }

  #cull(store: Store, view: View, shown: (slot: number) => boolean, first: number | undefined, across: number): void {
    const { slots, px, py } = this.#seen;
    const holders = this.#holders;
    const { x: xs, y: ys, weight, end } = store;
    const heavier = (a: number, b: number) => a === first || (b !== first && weight[a]! > weight[b]!);
    const [right, bottom] = [view.width + MARGIN, view.height + MARGIN];
    let count = 0;
    for (let slot = 0; slot < end; slot++) {
      const y = screenY(view, ys[slot]!);
      // NaN is in no interval: what has no position is not drawn.
      if (!(y > -MARGIN && y < bottom)) continue;
      const x = screenX(view, xs[slot]!);
      if (!(x > -MARGIN && x < right)) continue;
      if (!shown(slot) && slot !== first) continue;
      const n = count++;
      slots[n] = slot;
      px[n] = x;
      py[n] = y;
      const square = Math.floor((x + MARGIN) / SQUARE) + across * Math.floor((y + MARGIN) / SQUARE);
      const holder = holders[square]!;
      if (holder < 0 || heavier(slot, slots[holder]!)) holders[square] = n;
    }
    this.#seen.count = count;
  }

  /** Moves those that hold a square to the front. */
  #symbolsFirst(squares: number): void {
    const seen = this.#seen;
    const winners = this.#holders.subarray(0, squares).filter((n) => n >= 0).sort();
    for (let to = 0; to < winners.length; to++) this.#swap(to, winners[to]!);
    seen.symbols = winners.length;
  }

  // Winners ascend, so the one at `from` has not been moved: only places before it were swapped.
  #swap(to: number, from: number): void {
    const { slots, px, py } = this.#seen;
    [slots[to], slots[from]] = [slots[from]!, slots[to]!];
    [px[to], px[from]] = [px[from]!, px[to]!];
    [py[to], py[from]] = [py[from]!, py[to]!];
  }
}

/** Pixels of a square in which one dot is drawn, the heaviest: a dot is wider, so none is missed. */
export const SPOT = 4;

/** The same where dots would cover everything: one dot stands for those around it, and tells as much. */
export const WIDE_SPOT = 12;

/** Dots from which on that is so. */
export const MANY_DOTS = 5000;

/** Pixels from a symbol's middle, each way, within which a dot would be under it. */
export const UNDER = 6;

const COVERED = 0xffff;

/** Tells which dots would be under others. Keeps its memory from one frame to the next. */
export class Spots {
  #weights = new Uint16Array(0);
  #side = SPOT;
  #across = 0;
  #down = 0;

  /** Begins a frame in which so many dots are wanted. */
  begin(view: View, dots: number): void {
    this.#side = dots > MANY_DOTS ? WIDE_SPOT : SPOT;
    this.#across = Math.ceil((view.width + 2 * MARGIN) / this.#side);
    this.#down = Math.ceil((view.height + 2 * MARGIN) / this.#side);
    const spots = this.#across * this.#down;
    if (this.#weights.length < spots) this.#weights = new Uint16Array(spots);
    this.#weights.fill(0, 0, spots);
  }

  /** Lets no dot be drawn under the symbol at a place: nobody would see it. */
  cover(x: number, y: number): void {
    const first = (at: number) => Math.max(0, Math.ceil((at + MARGIN - UNDER) / this.#side - 0.5));
    const last = (at: number, most: number) => Math.min(most - 1, Math.floor((at + MARGIN + UNDER) / this.#side - 0.5));
    const [left, right] = [first(x), last(x, this.#across)];
    for (let row = first(y); row <= last(y, this.#down); row++) {
      for (let column = left; column <= right; column++) this.#weights[column + this.#across * row] = COVERED;
    }
  }

  /** Whether a dot of that weight is to be drawn there: nothing as heavy is in the same place. */
  takes(x: number, y: number, weight: number): boolean {
    const at = Math.floor((x + MARGIN) / this.#side) + this.#across * Math.floor((y + MARGIN) / this.#side);
    if (this.#weights[at]! > weight) return false;
    this.#weights[at] = weight + 1;
    return true;
  }
}

/** The number in `seen` nearest to a place on the screen within `reach` pixels; symbols before dots. */
export function nearest(seen: Seen, x: number, y: number, reach: number): number | undefined {
  let best: number | undefined;
  let least = reach * reach;
  for (let n = 0; n < seen.count; n++) {
    const far = (seen.px[n]! - x) ** 2 + (seen.py[n]! - y) ** 2 + (n < seen.symbols ? 0 : 9);
    if (far <= least) [best, least] = [n, far];
  }
  return best;
}
