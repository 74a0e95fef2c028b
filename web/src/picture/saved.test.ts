import { describe, expect, it } from 'vitest';
import { readView, type View, written } from './saved';
import { EVERYTHING, STATES } from './select';

const STRAITS: View = {
  wanted: {
    text: 'ferry',
    affiliations: new Set(['h', 's']),
    dimensions: new Set(['S']),
    partners: new Set(['', 'USA-PAC']),
    states: new Set([STATES.stale]),
    kinds: new Set(['drawing']),
    sources: new Set(['feed:ais']),
    groups: new Set(['Blue']),
    within: 15,
    area: [174, -42, -175, -40],
  },
  order: 'age',
  where: { lon: 180, lat: -41, zoom: 6 },
  charts: ['harbour'],
};

describe('a saved view', () => {
  it('is read as it was written', () => {
    expect(readView(JSON.parse(JSON.stringify(written(STRAITS))) as Record<string, unknown>)).toEqual(STRAITS);
  });
  it('of nothing shows everything', () => {
    expect(readView({})).toEqual({ wanted: EVERYTHING, order: 'weight', where: null, charts: [] });
  });
  it('takes nothing that it does not understand, and never too much', () => {
    const odd = readView({
      text: 7,
      within: -1,
      area: [1, 2, 3],
      affiliations: ['h', 'toString', 3],
      states: ['stale', 'constructor'],
      kinds: ['spell', 'mark'],
      sources: Array.from({ length: 1000 }, (_, n) => `s${n}`),
      order: 'random',
      where: { lon: 'x', lat: 1, zoom: 2 },
      charts: { length: 3 },
    });
    expect(odd.wanted).toEqual({ ...EVERYTHING, affiliations: new Set(['h']), states: new Set([STATES.stale]), kinds: new Set(['mark']), sources: odd.wanted.sources });
    expect(odd.wanted.sources.size).toBe(100);
    expect([odd.order, odd.where, odd.charts]).toEqual(['weight', null, []]);
    expect(readView({ area: [174, -40, 175, -42] }).wanted.area).toBeNull();
    expect(readView({ where: { lon: 0, lat: 100, zoom: 3 } }).where).toBeNull();
  });
});
