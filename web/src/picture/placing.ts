/** Puts names beside what they name, so that none lies on another. */

/** A rectangle on the screen, in pixels: its left upper corner and how large it is. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A name that wants a place: the middle of what it names, and how large it is written. */
export interface Name {
  x: number;
  y: number;
  width: number;
  height: number;
  /** It stands in the middle of a cell, not beside a symbol. */
  isInside: boolean;
  /** The side that it stood on last: it is tried first, so that names do not jump about. */
  side: number;
}

/** Pixels from the middle of a symbol to its name. */
const BESIDE = 18;
const ABOVE = 20;

/** Pixels that stay free round a name. */
const PADDING = 3;

/** Right of it, left, below, above. */
export const ALL_SIDES = 4;

/** The side of a name that has no place. */
export const NOWHERE = -1;

/** Where a name would stand on a side. */
export function boxAt({ x, y, width, height, isInside }: Name, side: number): Box {
  if (isInside) return { x: x - width / 2, y: y - height / 2, width, height };
  if (side < 2) return { x: side === 0 ? x + BESIDE : x - BESIDE - width, y: y - height / 2, width, height };
  return { x: x - width / 2, y: side === 2 ? y + ABOVE : y - ABOVE - height, width, height };
}

function meets(a: Box, b: Box): boolean {
  const across = a.x < b.x + b.width + PADDING && b.x < a.x + a.width + PADDING;
  return across && a.y < b.y + b.height + PADDING && b.y < a.y + a.height + PADDING;
}

/**
 * The side of each name, the first first; NOWHERE where it has no place. The first name always has one.
 * `taken` are places that other writing has.
 */
export function place(names: readonly Name[], taken: readonly Box[]): number[] {
  const boxes = [...taken];
  const isFree = (box: Box) => !boxes.some((each) => meets(box, each));
  return names.map((name, n) => {
    const last = Math.max(0, name.side);
    const sides = name.isInside ? [0] : [last, ...[0, 1, 2, 3].filter((each) => each !== last)];
    const side = sides.find((each) => isFree(boxAt(name, each))) ?? (n === 0 ? last : NOWHERE);
    if (side !== NOWHERE) boxes.push(boxAt(name, side));
    return side;
  });
}
