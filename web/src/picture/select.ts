/** Finding tracks: words, filters, and the order of the table. */
import type { Affiliation, Cell, Meta } from './frames';
import { isInside } from './overlay';
import { LIVE, LOST, STALE, type Store } from './store';
import { folded } from './text';

export type StateName = 'live' | 'stale' | 'lost';
export const STATES: Record<StateName, number> = { live: LIVE, stale: STALE, lost: LOST };

/** What a track is: a thing, a place that is marked, something drawn, a call for help. */
export const KINDS = ['thing', 'mark', 'drawing', 'help'] as const;
export type KindName = (typeof KINDS)[number];

/** Minutes within which something was heard of a track. */
export const WITHIN = [1, 5, 15, 60, 360];

/** What is looked for; an empty set or text leaves everything in. */
export interface Wanted {
  text: string;
  affiliations: ReadonlySet<Affiliation>;
  dimensions: ReadonlySet<string>;
  partners: ReadonlySet<string>;
  states: ReadonlySet<number>;
  kinds: ReadonlySet<KindName>;
  /** Channels that a track comes by, such as feed:ais. */
  sources: ReadonlySet<string>;
  groups: ReadonlySet<string>;
  /** Minutes since its last position; null: any age. */
  within: number | null;
  area: Cell | null;
}

export const EVERYTHING: Wanted = {
  text: '',
  affiliations: new Set(),
  dimensions: new Set(),
  partners: new Set(),
  states: new Set(),
  kinds: new Set(),
  sources: new Set(),
  groups: new Set(),
  within: null,
  area: null,
};

/** Whether anything is left out. */
export function isNarrow(wanted: Wanted): boolean {
  const { affiliations, dimensions, partners, states, kinds, sources, groups, text, within, area } = wanted;
  const sets: ReadonlySet<unknown>[] = [affiliations, dimensions, partners, states, kinds, sources, groups];
  return text !== '' || within !== null || area !== null || sets.some((each) => each.size > 0);
}

/** What stands for our own node among the partners. */
export const OWN = '';

/** The dimension letter of a CoT type: a-f-S-X is S; empty where there is none. */
export function dimensionOf(type: string): string {
  return type.startsWith('a-') ? (type.split('-')[2] ?? '').toUpperCase() : '';
}

/** What a track is, by what is said of it. */
export function kindOf(meta: Meta): KindName {
  if (meta.body === 'alarm') return 'help';
  if (meta.body === 'shape') return 'drawing';
  return meta.type.startsWith('b-m') ? 'mark' : 'thing';
}

function says(text: string, words: readonly string[]): boolean {
  return words.every((each) => text.includes(each));
}

function takes<T>(set: ReadonlySet<T>, value: T): boolean {
  return set.size === 0 || set.has(value);
}

function isIn(store: Store, slot: number, area: Cell | null): boolean {
  return area === null || (!Number.isNaN(store.lon[slot]!) && isInside(area, store.lon[slot]!, store.lat[slot]!));
}

function isFresh(store: Store, slot: number, within: number | null, now: () => number): boolean {
  return within === null || now() - store.time[slot]! <= within * 60_000;
}

/** A test of slots for what is wanted, at the time that `now` tells (the node's clock, ms). */
export function selector(store: Store, wanted: Wanted, now: () => number = () => 0): (slot: number) => boolean {
  // Asked of every track at every frame of the map, and mostly nothing is left out.
  if (!isNarrow(wanted)) return (slot) => store.metas[slot] !== undefined;
  const fits = fitting(store, wanted);
  return (slot) =>
    store.metas[slot] !== undefined &&
    takes(wanted.states, store.state[slot]!) &&
    fits(slot) &&
    isFresh(store, slot, wanted.within, now) &&
    isIn(store, slot, wanted.area);
}

/** A test of slots for what they are: worked out once for each description of a track. */
function fitting(store: Store, wanted: Wanted): (slot: number) => boolean {
  const words = folded(wanted.text).split(/\s+/).filter(Boolean);
  const judge = (slot: number, meta: Meta) =>
    (wanted.affiliations.size === 0 || (meta.affiliation !== null && wanted.affiliations.has(meta.affiliation))) &&
    takes(wanted.dimensions, dimensionOf(meta.type)) &&
    takes(wanted.partners, meta.partner ?? OWN) &&
    takes(wanted.kinds, kindOf(meta)) &&
    takes(wanted.sources, meta.source) &&
    (wanted.groups.size === 0 || meta.groups.some((each) => wanted.groups.has(each))) &&
    (words.length === 0 || says(store.textOf(slot), words));
  const judged: (Meta | undefined)[] = [];
  const fits: boolean[] = [];
  return (slot) => {
    const meta = store.metas[slot]!;
    if (judged[slot] !== meta) [judged[slot], fits[slot]] = [meta, judge(slot, meta)];
    return fits[slot]!;
  };
}

/** How the table is ordered. */
export type Order = 'name' | 'age' | 'weight';

/** Whether the table goes by nothing but what tracks are: then it stays as it is while they only move. */
export function isSettled({ states, within, area }: Wanted, order: Order): boolean {
  return order !== 'age' && states.size === 0 && within === null && area === null;
}

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
  const compare = comparing(store, order);
  // The first few of many: to sort them all twice a second would cost more than the map does.
  let first: number[] = [];
  let [total, last] = [0, -1];
  for (let slot = 0; slot < store.end; slot++) {
    if (!shown(slot)) continue;
    total++;
    if (last >= 0 && compare(slot, last) >= 0) continue;
    first.push(slot);
    if (first.length < 2 * most) continue;
    first = first.sort(compare).slice(0, most);
    last = first.at(-1) ?? -1;
  }
  return { total, slots: first.sort(compare).slice(0, most) };
}

/** What can be chosen among: each at most so often as a reader reads. */
export const MOST_CHOICES = 60;

/** The partners, sources and groups in a picture, in order; `more` counts what is left out. */
export function choicesOf(store: Store): { partners: string[]; sources: string[]; groups: string[]; more: number } {
  const [partners, sources, groups] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const meta of store.metas) {
    if (meta === undefined) continue;
    if (meta.partner) partners.add(meta.partner);
    sources.add(meta.source);
    for (const group of meta.groups) groups.add(group);
  }
  const all = [partners, sources, groups].map((each) => [...each].sort());
  const [some, ways, into] = all.map((each) => each.slice(0, MOST_CHOICES)) as [string[], string[], string[]];
  const more = all.reduce((sum, each) => sum + Math.max(0, each.length - MOST_CHOICES), 0);
  return { partners: some, sources: ways, groups: into, more };
}
