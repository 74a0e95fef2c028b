import { describe, expect, it } from 'vitest';
import { type Cell, entered, inventedOf, light, nations, type Offer, oldestOf, perCent, staleOf } from './readiness';

function offer(partner: string, changes: Partial<Offer> = {}): Offer {
  return {
    partner, basis: 'own', standing: 'offered', number: 1, oldest: '2026-03-01T00:00:00Z', until: null, by: ['HQ'], stale: false, confidence: 'A', ...changes,
  };
}

function cell(...offers: Offer[]): Cell {
  return { hours: 24, number: offers.reduce((sum, each) => sum + each.number, 0), at_least: [], oldest: offers[0]?.oldest ?? null, offers };
}

describe('a cell of the board', () => {
  it('is lit only by what is offered, and stale is never green', () => {
    expect(light(cell(offer('NZL')))).toBe('offered');
    expect(light(cell(offer('NZL', { number: 0, stale: true, standing: 'no report' })))).toBe('stale');
    expect(light(cell(offer('NZL', { number: 0, standing: 'none' })))).toBe('blank');
    expect(light(cell())).toBe('blank');
  });
  it('keeps the three blanks apart', () => {
    const cells = [cell(offer('AUS', { standing: 'not released', number: 0 }), offer('FRA', { standing: 'no report', number: 0 }), offer('NZL', { standing: 'none', number: 0 }))];
    expect([nations(cells, 'none'), nations(cells, 'not released'), nations(cells, 'no report')]).toEqual([['NZL'], ['AUS'], ['FRA']]);
    expect(nations([], 'none')).toEqual([]);
  });
  it('says who is stale or invented', () => {
    const cells = [cell(offer('AUS', { stale: true }), offer('FRA', { confidence: 'C' }), offer('NZL', { confidence: 'C', by: [] }))];
    expect(staleOf(cells)).toEqual(['AUS']);
    expect(inventedOf(cells)).toEqual(['FRA']);
    expect([staleOf([]), inventedOf([])]).toEqual([[], []]);
  });
});

describe('a probability', () => {
  it.each([[0, '0 %'], [0.001, '<1 %'], [0.3125, '31 %'], [0.9375, '94 %'], [0.999, '>99 %'], [1, '100 %']])('%f is %s', (chance, text) => {
    expect(perCent(chance)).toBe(text);
  });
});

describe('the oldest input of a row', () => {
  it('is the oldest of all its cells', () => {
    const old = cell(offer('NZL', { oldest: '2026-02-01T00:00:00Z' }));
    expect(oldestOf([cell(offer('NZL')), old, cell()])).toBe('2026-02-01T00:00:00Z');
    expect(oldestOf([cell()])).toBe('');
  });
});

describe('what is entered', () => {
  it('leaves out what says nothing', () => {
    expect(entered({ name: 'Ohakea', icao: ' ', role: '' })).toEqual({ name: 'Ohakea' });
  });
});
