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
    seen.count = 0;
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
    const heavier = (a: number, b: number) => a === first || (b !== first && store.weight[a]! > store.weight[b]!);
    for (let slot = 0; slot < store.end; slot++) {
      const x = screenX(view, store.x[slot]!);
      const y = screenY(view, store.y[slot]!);
      // NaN is in no interval: what has no position is not drawn.
      if (!(x > -MARGIN && x < view.width + MARGIN && y > -MARGIN && y < view.height + MARGIN)) continue;
      if (!shown(slot) && slot !== first) continue;
      const n = this.#seen.count++;
      slots[n] = slot;
      px[n] = x;
      py[n] = y;
      const square = Math.floor((x + MARGIN) / SQUARE) + across * Math.floor((y + MARGIN) / SQUARE);
      const holder = holders[square]!;
      if (holder < 0 || heavier(slot, slots[holder]!)) holders[square] = n;
    }
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

/** Pixels of a square in which one dot is drawn, the heaviest; dots are wider than that, so none is missed. */
export const SPOT = 4;

/** Tells which dots would be under others. Keeps its memory from one frame to the next. */
export class Spots {
  #weights = new Uint16Array(0);
  #across = 0;

  begin(view: View): void {
    this.#across = Math.ceil((view.width + 2 * MARGIN) / SPOT);
    const spots = this.#across * Math.ceil((view.height + 2 * MARGIN) / SPOT);
    if (this.#weights.length < spots) this.#weights = new Uint16Array(spots);
    this.#weights.fill(0, 0, spots);
  }

  /** Whether a dot of that weight is to be drawn there: nothing as heavy is in the same place. */
  takes(x: number, y: number, weight: number): boolean {
    const at = Math.floor((x + MARGIN) / SPOT) + this.#across * Math.floor((y + MARGIN) / SPOT);
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
