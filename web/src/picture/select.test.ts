import { describe, expect, it } from 'vitest';
import { choicesOf, dimensionOf, EVERYTHING, isNarrow, isSettled, kindOf, listed, MOST_CHOICES, selector } from './select';
import { STALE, Store } from './store';
import { aMeta, positions } from './testing/builders';

function found(store: Store, wanted: Partial<typeof EVERYTHING>): string[] {
  const { slots } = listed(store, selector(store, { ...EVERYTHING, ...wanted }), 'name', 10);
  return slots.map((slot) => store.metas[slot]!.uid);
}

describe('finding', () => {
  const store = new Store();
  store.describe([
    aMeta(1, { uid: 'MMSI-512000001', name: 'Ōhope Star', type: 'a-f-S-X', affiliation: 'f' }),
    aMeta(2, { uid: 'ICAO-c82341', name: 'ANZ7', type: 'a-n-A-C', partner: 'USA-PAC' }),
    aMeta(3, { uid: 'x3', name: '' }),
  ]);
  store.age([[3, 'stale']]);

  it('takes a name without its macrons, in small letters', () => {
    expect(found(store, { text: 'ohope' })).toEqual(['MMSI-512000001']);
  });
  it('takes an MMSI or an ICAO address', () => {
    expect(found(store, { text: '512000001' })).toEqual(['MMSI-512000001']);
    expect(found(store, { text: 'C82341' })).toEqual(['ICAO-c82341']);
  });
  it('wants every word', () => {
    expect(found(store, { text: 'star ohope' })).toEqual(['MMSI-512000001']);
    expect(found(store, { text: 'star anz7' })).toEqual([]);
  });
  it('filters by affiliation, dimension, partner and age', () => {
    expect(found(store, { affiliations: new Set(['f'] as const) })).toEqual(['MMSI-512000001']);
    expect(found(store, { dimensions: new Set(['A']) })).toEqual(['ICAO-c82341']);
    expect(found(store, { partners: new Set(['USA-PAC']) })).toEqual(['ICAO-c82341']);
    expect(found(store, { states: new Set([STALE]) })).toEqual(['x3']);
  });
  it('goes by more than what tracks are where their age, state or place is asked for', () => {
    const looks = [{}, { text: 'x' }, { states: new Set([STALE]) }, { within: 5 }, { area: [0, 0, 1, 1] as [number, number, number, number] }];
    expect(looks.map((each) => isSettled({ ...EVERYTHING, ...each }, 'weight'))).toEqual([true, true, false, false, false]);
    expect([isSettled(EVERYTHING, 'name'), isSettled(EVERYTHING, 'age')]).toEqual([true, false]);
  });
  it('counts all and gives the first', () => {
    const { total, slots } = listed(store, () => true, 'name', 2);
    expect([total, slots.length]).toEqual([3, 2]);
  });
});

describe('words of a type', () => {
  it('has a dimension only for what is an object', () => {
    expect(dimensionOf('a-f-s-X')).toBe('S');
    expect(dimensionOf('b-m-p-s-m')).toBe('');
  });
});

describe('a search', () => {
  it('reads a track once, however often it is asked, and again when it is described anew', () => {
    const store = new Store();
    store.describe([aMeta(1, { name: 'TUI' }), aMeta(2, { name: 'KEA' })]);
    let read = 0;
    const textOf = store.textOf.bind(store);
    store.textOf = (slot) => {
      read++;
      return textOf(slot);
    };
    const test = selector(store, { ...EVERYTHING, text: 'tui' });
    for (let frame = 0; frame < 10; frame++) expect([test(0), test(1)]).toEqual([true, false]);
    expect(read).toBe(2);
    store.describe([aMeta(2, { name: 'TUI 2' })]);
    expect([test(0), test(1), read]).toEqual([true, true, 3]);
    store.age([[1, 'stale']]);
    expect([test(0), read]).toEqual([true, 3]);
  });
  it('finds nothing of a track in the place of another that has gone', () => {
    const store = new Store();
    store.describe([aMeta(1, { name: 'TUI' })]);
    const test = selector(store, { ...EVERYTHING, text: 'tui' });
    expect(test(0)).toBe(true);
    store.drop([[1, 'lost']]);
    expect(test(0)).toBe(false);
    store.describe([aMeta(5, { name: 'KEA' })]);
    expect([store.slotOf('uid-5'), test(0)]).toEqual([0, false]);
  });
});

describe('narrowing', () => {
  const store = new Store();
  store.describe([
    aMeta(1, { source: 'feed:ais', groups: ['Blue', 'Green'] }),
    aMeta(2, { source: 'page', groups: ['Red'], body: 'shape', type: 'u-d-f' }),
    aMeta(3, { body: 'alarm', type: 'b-a-o-tbl' }),
    aMeta(4, { type: 'b-m-p-s-m' }),
  ]);
  store.move(positions(1_000_000, [1, 179.9, -41], [2, -179.9, -41]));
  store.move(positions(2_000_000, [3, 10, 10]));

  it('is by source, group and kind', () => {
    expect(found(store, { sources: new Set(['page']) })).toEqual(['uid-2']);
    expect(found(store, { groups: new Set(['Green', 'Red']) })).toEqual(['uid-1', 'uid-2']);
    expect(found(store, { kinds: new Set(['help', 'mark'] as const) })).toEqual(['uid-3', 'uid-4']);
    expect(store.metas.map((each) => kindOf(each!))).toEqual(['thing', 'drawing', 'help', 'mark']);
  });
  it('is by an area, also over the antimeridian; who has no place is in none', () => {
    expect(found(store, { area: [179, -42, -179, -40] })).toEqual(['uid-1', 'uid-2']);
    expect(found(store, { area: [0, 0, 20, 20] })).toEqual(['uid-3']);
  });
  it('is by how long ago it was heard, as time goes by', () => {
    let now = 2_000_000;
    const test = selector(store, { ...EVERYTHING, within: 1 }, () => now);
    const slot = store.slotOf('uid-3')!;
    expect([test(slot), test(store.slotOf('uid-1')!)]).toEqual([true, false]);
    now += 60_001;
    expect(test(slot)).toBe(false);
  });
  it('is known to be so', () => {
    expect(isNarrow(EVERYTHING)).toBe(false);
    expect([{ text: 'a' }, { within: 5 }, { area: [0, 0, 1, 1] as [number, number, number, number] }, { groups: new Set(['A']) }].map((each) => isNarrow({ ...EVERYTHING, ...each }))).toEqual([true, true, true, true]);
  });
  it('offers what there is, no more than can be read, and counts the rest', () => {
    expect(choicesOf(store)).toEqual({ partners: [], sources: ['feed:ais', 'page'], groups: ['Blue', 'Green', 'Red'], more: 0 });
    const many = new Store();
    many.describe(Array.from({ length: MOST_CHOICES + 3 }, (_, n) => aMeta(n, { groups: [`G${n}`] })));
    expect(choicesOf(many).groups).toHaveLength(MOST_CHOICES);
    expect(choicesOf(many).more).toBe(3);
  });
});

describe('the first of many', () => {
  it('are those that a sort of all would put first, in that order', () => {
    const store = new Store();
    store.describe(Array.from({ length: 500 }, (_, n) => aMeta(n, { name: `T${(n * 7919) % 500}` })));
    const all = Array.from({ length: 500 }, (_, n) => `T${n}`).sort();
    const { total, slots } = listed(store, () => true, 'name', 7);
    expect(total).toBe(500);
    expect(slots.map((slot) => store.metas[slot]!.name)).toEqual(all.slice(0, 7));
  });
});
