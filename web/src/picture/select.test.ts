import { describe, expect, it } from 'vitest';
import { dimensionOf, EVERYTHING, folded, listed, selector } from './select';
import { STALE, Store } from './store';
import { aMeta } from './testing/builders';

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
  it('folds accents', () => {
    expect(folded('Māori')).toBe('maori');
  });
});
