import { describe, expect, it } from 'vitest';
import { beside, type Count, type Facts, gist, type Partner, spelledBytes, storeOf, total, usedOfDay } from './partners';
import { LIVE, STALE } from './store';

const count = (clause: string, form: string, n: number): Count => ({ agreement: 'A', serial: 1, clause, form, count: n });

const AT = Date.parse('2026-12-01T06:00:00Z');
const FACTS = {
  meta: { uid: 'P-1', name: 'KIWI', type: 'a-n-S-X-M', affiliation: 'n', cell: [178, -18, 179, -17], groups: [], outline: null },
  lat: -17.5, lon: 178.5, course: 90, speed: 5, happened: '2026-12-01T05:59:00Z', stale: false,
  clause: '1', form: 'coarse', released: '2026-12-01T05:59:01Z',
} as unknown as Facts; // prettier-ignore

describe('counts of what went', () => {
  it('stand side by side for hour and day, the most of the day first', () => {
    const rows = beside([count('1', 'exact', 2)], [count('2', 'coarse', 5), count('1', 'exact', 9)]);
    expect(rows.map(({ clause, what, hour, day }) => [clause, what, hour, day])).toEqual([
      ['1', 'exact', 2, 9],
      ['2', 'coarse', 0, 5],
    ]);
  });
  it('do not mix two forms of one clause', () => {
    expect(beside([count('1', 'a', 1)], [count('1', 'a', 1), count('1', 'b', 1)]).map(({ hour }) => hour)).toEqual([1, 0]);
  });
  it('are summed', () => {
    expect(total([count('1', 'a', 2), count('2', 'a', 3)])).toBe(5);
  });
});

describe('the budget of a day', () => {
  const day = (budget_day: number | null, budget_day_left: number | null) => usedOfDay({ budget_day, budget_day_left } as Partner);
  it('is used in part, never less than nothing nor more than all', () => {
    expect([day(1000, 250), day(1000, -5), day(1000, 2000)]).toEqual([0.75, 1, 0]);
  });
  it('is nothing where there is no limit', () => {
    expect(day(null, null)).toBeNull();
  });
});

describe('bytes', () => {
  it.each([[0, '0 B'], [999, '999 B'], [1000, '1.0 kB'], [15_400, '15 kB'], [2_500_000, '2.5 MB']])('%d are %s', (bytes, said) => {
    expect(spelledBytes(bytes)).toBe(said);
  });
});

describe('a picture that is not our own', () => {
  it('has each object where its partner was told that it is, as old as it was told', () => {
    const store = storeOf([{ properties: FACTS }], AT);
    const slot = store.slotOf('P-1')!;
    expect([store.lon[slot], store.lat[slot], store.course[slot], store.speed[slot]]).toEqual([178.5, -17.5, 90, 5]);
    expect([store.time[slot], store.state[slot]]).toEqual([Date.parse('2026-12-01T05:59:00Z'), LIVE]);
    expect(store.metas[slot]!.cell).toEqual([178, -18, 179, -17]);
  });
  it('has what tells no place in its list alone, and marks what is stale', () => {
    const store = storeOf([{ properties: { ...FACTS, lat: null, lon: null, course: null, stale: true } }], AT);
    const slot = store.slotOf('P-1')!;
    expect(Number.isNaN(store.lon[slot]!)).toBe(true);
    expect(store.state[slot]).toBe(STALE);
  });
  it('draws nothing where a place cannot be', () => {
    const store = storeOf([{ properties: { ...FACTS, lat: 200, lon: 1e9 } }], AT);
    expect(Number.isNaN(store.lon[store.slotOf('P-1')!]!)).toBe(true);
  });
});

describe('a line of the ledger', () => {
  it('says what was counted, and why', () => {
    const counts = [{ clause: null, reason: 'UNMARKED', sort: 'a-f-S', count: 3 }];
    expect(gist({ number: 1, time: '', kind: 'refusals', counts }, (reason) => reason.toLowerCase())).toBe('3 × —: unmarked');
  });
  it('says what a partner answered', () => {
    expect(gist({ number: 1, time: '', kind: 'receipt', by: 'USA-PAC', outcome: 'DROPPED', objects: 2 }, String)).toBe('USA-PAC · DROPPED (2)');
  });
});
