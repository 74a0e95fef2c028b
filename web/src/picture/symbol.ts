/** What a track's symbol has to say, as one key: tracks with the same key share one drawing. */
import type { Meta } from './frames';
import { LIVE, LOST } from './store';

/** How a symbol is drawn, whatever the palette. */
export interface Look {
  sidc: string;
  /** Drawn as fresh, as stale (faded, in a broken ring), or as lost (faded, crossed out). */
  age: 'live' | 'stale' | 'lost';
  exercise: boolean;
  /** Letters of the nation that a partner's track came from; empty for our own. */
  nation: string;
  emergency: boolean;
}

/** Marks of drawings, alarms and the like: not of MIL-STD-2525's. */
export const NO_THING = 'no-thing';

/** The three letters of a node's nation: NZL of NZL-JFNZ. */
export function nationOf(node: string | null): string {
  return node === null ? '' : node.slice(0, 3);
}

export function lookOf(meta: Meta, state: number): Look {
  return {
    sidc: meta.sidc ?? NO_THING,
    age: state === LIVE ? 'live' : state === LOST ? 'lost' : 'stale',
    exercise: meta.exercise !== null,
    nation: nationOf(meta.partner),
    emergency: meta.emergency,
  };
}

export function keyOf(look: Look): string {
  return `${look.sidc}|${look.age}|${look.exercise ? 'X' : ''}|${look.nation}|${look.emergency ? '!' : ''}`;
}

/** The bare frame of an affiliation, for which there is always room: never nothing. */
export function bareFrame(look: Look): Look {
  const letter = look.sidc === NO_THING ? 'U' : (look.sidc[1] ?? 'U');
  return { ...look, sidc: `S${letter}ZP-----------`, nation: '', emergency: false };
}

/** How far from its middle anything is in a square of pixels (RGBA), and one pixel more: what lies beyond is clear. */
export function reachOf(rgba: ArrayLike<number>, side: number): number {
  const middle = side / 2;
  let reach = 0;
  for (let n = 0; n < side * side; n++) {
    if (rgba[4 * n + 3] === 0) continue;
    const [x, y] = [n % side, Math.floor(n / side)];
    reach = Math.max(reach, Math.abs(x + 0.5 - middle) + 0.5, Math.abs(y + 0.5 - middle) + 0.5);
  }
  return Math.min(middle, reach + 1);
}
