/** What is drawn beside the symbols: names of what matters most, and the cells of tracks on a grid. */
import type { Seen, View } from './declutter';
import { acrossSeam, mercatorX, wrapped } from './geo';
import type { Cell, Meta } from './frames';
import type { Store } from './store';

/** Names at one time; those that would lie on others are left out. */
export const MOST_LABELS = 120;

/** Pixels from which on a cell is drawn as a cell: a smaller one is no larger than a symbol. */
export const CELL_PIXELS = 28;

/** The width of a cell in degrees, also over the antimeridian. */
export function widthOf(cell: Cell): number {
  const [west, , east] = cell;
  return east >= west ? east - west : east + 360 - west;
}

/** Whether a cell is large enough on the screen to be drawn as one. */
export function isDrawnAsCell(cell: Cell | null, world: number): boolean {
  return cell !== null && (widthOf(cell) / 360) * world >= CELL_PIXELS;
}

/** The corners of a cell round, unbroken over the antimeridian. */
export function ringOf(cell: Cell): [number, number][] {
  const [west, south, , north] = cell;
  const east = west + widthOf(cell);
  return [[west, south], [east, south], [east, north], [west, north], [west, south]]; // prettier-ignore
}

export function isInside(cell: Cell, lon: number, lat: number): boolean {
  const [west, south, , north] = cell;
  const from = wrapped(lon) - west;
  const across = from < 0 ? from + 360 : from;
  return across <= widthOf(cell) && lat >= south && lat <= north;
}

/** Whether one box lies wholly in another, also over the antimeridian. */
export function covers(cell: Cell, inner: Cell): boolean {
  const from = inner[0] - cell[0];
  const across = (from < 0 ? from + 360 : from) + widthOf(inner);
  return (widthOf(cell) >= 360 || across <= widthOf(cell)) && inner[1] >= cell[1] && inner[3] <= cell[3];
}

/** What stands beside a track: its name, else its uid. */
export function labelOf(meta: Meta): string {
  return meta.name || meta.uid.slice(0, 24);
}

/** The slots whose names are to be seen: the hooked one, then the heaviest that have a symbol and a name; what is drawn has its name elsewhere. */
export function labelled(store: Store, seen: Seen, hooked: number | undefined): number[] {
  const has = ({ name, emergency }: Meta) => name !== '' || emergency;
  const isNamed = (slot: number) => {
    const meta = store.metas[slot]; // none: it is gone since it was drawn
    return meta !== undefined && meta.outline === null && (slot === hooked || has(meta));
  };
  const slots = [...seen.slots.subarray(0, seen.symbols)].filter(isNamed);
  return slots.sort((a, b) => Number(b === hooked) - Number(a === hooked) || store.weight[b]! - store.weight[a]! || a - b).slice(0, MOST_LABELS);
}

/** Whether a cell reaches into the view. */
export function isInView(cell: Cell, view: View): boolean {
  const middle = acrossSeam(mercatorX(cell[0] + widthOf(cell) / 2) - view.x) * view.world;
  return Math.abs(middle) < view.width / 2 + ((widthOf(cell) / 360) * view.world) / 2;
}
