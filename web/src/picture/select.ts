/** Finding tracks: words, filters, and the order of the table. */
import type { Affiliation, Meta } from './frames';
import { LIVE, LOST, STALE, type Store } from './store';

export type StateName = 'live' | 'stale' | 'lost';
export const STATES: Record<StateName, number> = { live: LIVE, stale: STALE, lost: LOST };

/** What is looked for; an empty set or text leaves everything in. */
export interface Wanted {
  text: string;
  affiliations: ReadonlySet<Affiliation>;
  dimensions: ReadonlySet<string>;
  partners: ReadonlySet<string>;
  states: ReadonlySet<number>;
}

export const EVERYTHING: Wanted = {
  text: '',
  affiliations: new Set(),
  dimensions: new Set(),
  partners: new Set(),
  states: new Set(),
};

/** What stands for our own node among the partners. */
export const OWN = '';

/** The dimension letter of a CoT type: a-f-S-X is S; empty where there is none. */
export function dimensionOf(type: string): string {
  return type.startsWith('a-') ? (type.split('-')[2] ?? '').toUpperCase() : '';
}

/** Small letters without accents, so that "tauranga" finds "Tauranga" and "ohope" finds "Ōhope". */
export function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

function says(meta: Meta, words: readonly string[]): boolean {
  const text = folded(`${meta.name} ${meta.uid} ${meta.type} ${meta.speaker}`);
  return words.every((each) => text.includes(each));
}

function takes<T>(set: ReadonlySet<T>, value: T): boolean {
  return set.size === 0 || set.has(value);
}

/** A test of slots for what is wanted. */
export function selector(store: Store, wanted: Wanted): (slot: number) => boolean {
  const words = folded(wanted.text).split(/\s+/).filter(Boolean);
  return (slot) => {
    const meta = store.metas[slot];
    return (
      meta !== undefined &&
      takes(wanted.states, store.state[slot]!) &&
      (wanted.affiliations.size === 0 || (meta.affiliation !== null && wanted.affiliations.has(meta.affiliation))) &&
      takes(wanted.dimensions, dimensionOf(meta.type)) &&
      takes(wanted.partners, meta.partner ?? OWN) &&
      (words.length === 0 || says(meta, words))
    );
  };
}

/** How the table is ordered. */
export type Order = 'name' | 'age' | 'weight';

type Compare = (a: number, b: number) => number;

function comparing(store: Store, order: Order): Compare {
  const name: Compare = (a, b) => {
    const [one, other] = [store.metas[a]!, store.metas[b]!];
    const [x, y] = [one.name || one.uid, other.name || other.uid];
    return x < y ? -1 : x > y ? 1 : 0;
  };
  if (order === 'age') return (a, b) => store.time[b]! - store.time[a]! || name(a, b);
  if (order === 'weight') return (a, b) => store.weight[b]! - store.weight[a]! || name(a, b);
  return name;
}

/** The slots that are wanted: how many, and the first `most` in order. */
export function listed(
  store: Store,
  shown: (slot: number) => boolean,
  order: Order,
  most: number,
): { total: number; slots: number[] } {
  const found: number[] = [];
  for (let slot = 0; slot < store.end; slot++) if (shown(slot)) found.push(slot);
  found.sort(comparing(store, order));
  return { total: found.length, slots: found.slice(0, most) };
}
