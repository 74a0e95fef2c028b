/** What somebody saved of what he wants to see, as the node keeps it: read with care, for it may be of another version. */
import type { Affiliation, Cell } from './frames';
import { EVERYTHING, type KindName, KINDS, type Order, STATES, type StateName, type Wanted } from './select';

/** Where the map is. */
export interface Place {
  lon: number;
  lat: number;
  zoom: number;
}

/** A view: what is looked for, in which order, where, and on which charts. */
export interface View {
  wanted: Wanted;
  order: Order;
  where: Place | null;
  charts: string[];
}

/** Entries of one list of a view. */
const MOST = 100;
const LONGEST = 256;

const SIDES = new Set('puafnshjk');
const ORDERS = new Set<Order>(['name', 'age', 'weight']);

/** What is sent to the node. */
export function written({ wanted, order, where, charts }: View): object {
  const named = Object.entries(STATES).filter(([, state]) => wanted.states.has(state));
  const { text, within, area } = wanted;
  const sets = { affiliations: wanted.affiliations, dimensions: wanted.dimensions, partners: wanted.partners, kinds: wanted.kinds, sources: wanted.sources, groups: wanted.groups };
  const lists = Object.fromEntries(Object.entries(sets).map(([name, set]) => [name, [...set].sort().slice(0, MOST)]));
  return { text, within, area, ...lists, states: named.map(([name]) => name), order, where, charts: charts.slice(0, MOST) };
}

function texts(said: unknown): string[] {
  if (!Array.isArray(said)) return [];
  return said.filter((each): each is string => typeof each === 'string' && each.length <= LONGEST).slice(0, MOST);
}

function numbers(said: unknown, many: number): number[] | null {
  const isSo = Array.isArray(said) && said.length === many && said.every((each) => typeof each === 'number' && Number.isFinite(each));
  return isSo ? (said as number[]) : null;
}

function cellOf(said: unknown): Cell | null {
  const sides = numbers(said, 4);
  if (sides === null || sides[1]! > sides[3]! || sides.some((each) => Math.abs(each) > 180)) return null;
  return sides as unknown as Cell;
}

function placeOf(said: unknown): Place | null {
  const place = said as Partial<Place> | null;
  if (typeof place !== 'object' || place === null) return null;
  const { lon, lat, zoom } = place;
  const found = numbers([lon, lat, zoom], 3);
  if (found === null || Math.abs(found[1]!) > 90 || Math.abs(found[0]!) > 720 || found[2]! < 0 || found[2]! > 24) return null;
  return { lon: found[0]!, lat: found[1]!, zoom: found[2]! };
}

/** What the node kept, without what is not understood. */
export function readView(said: Record<string, unknown>): View {
  const { text, within, order } = said;
  return {
    wanted: {
      ...EVERYTHING,
      text: typeof text === 'string' ? text.slice(0, LONGEST) : '',
      within: typeof within === 'number' && within > 0 ? within : null,
      area: cellOf(said['area']),
      affiliations: new Set(texts(said['affiliations']).filter((each) => SIDES.has(each)) as Affiliation[]),
      dimensions: new Set(texts(said['dimensions'])),
      partners: new Set(texts(said['partners'])),
      kinds: new Set(texts(said['kinds']).filter((each) => (KINDS as readonly string[]).includes(each)) as KindName[]),
      sources: new Set(texts(said['sources'])),
      groups: new Set(texts(said['groups'])),
      states: new Set(texts(said['states']).filter((each): each is StateName => Object.hasOwn(STATES, each)).map((each) => STATES[each])),
    },
    order: ORDERS.has(order as Order) ? (order as Order) : 'weight',
    where: placeOf(said['where']),
    charts: texts(said['charts']),
  };
}
