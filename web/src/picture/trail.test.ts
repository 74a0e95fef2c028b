import { describe, expect, it } from 'vitest';
import { fastest, GAP, linesOf, MOST_SPOTS, MOST_TRAILS, type Spot, spotsOf, thinned, Trails } from './trail';

const at = (ms: number, lon = 174, lat = -41): Spot => [ms, lon, lat];

describe('trails', () => {
  it('of a million places draw few, first and last among them', () => {
    const told = Array.from({ length: 1_000_000 }, (_, n) => [n, 1_740_000_000 + n, -410_000_000]);
    const spots = spotsOf(told);
    expect(spots.length).toBe(MOST_SPOTS);
    expect([spots[0]![0], spots.at(-1)![0]]).toEqual([0, 999_999]);
  });

  it('that go on for a day stay as small', () => {
    const trails = new Trails();
    for (let n = 0; n < 10_000; n++) trails.add('A', at(n));
    expect(trails.of('A').length).toBeLessThanOrEqual(MOST_SPOTS);
    expect(trails.of('A').at(-1)![0]).toBe(9999);
  });

  it('have no place that cannot be', () => {
    expect(spotsOf([[1, 1_810_000_000, 0], [2, 0, 910_000_000], [3], [4, 10_000_000, 0], [Number.NaN, 0, 0]])).toEqual([[4, 1, 0]]);
    const trails = new Trails();
    trails.add('A', at(1, Number.NaN));
    expect(trails.of('A')).toEqual([]);
  });

  it('are drawn the shorter way over the antimeridian', () => {
    const { known } = linesOf([at(0, 179.9), at(1, -179.9)]);
    expect(known.length).toBe(1);
    expect(known[0]![1]![0]).toBeCloseTo(180.1, 9);
  });

  it('are broken where nothing was heard for long', () => {
    const { known, guessed } = linesOf([at(0, 1), at(1, 2), at(2 + GAP, 3), at(3 + GAP, 4), at(4 + 2 * GAP, 5)]);
    expect(known).toEqual([[[1, -41], [2, -41]], [[3, -41], [4, -41]]]);
    expect(guessed).toEqual([[[2, -41], [3, -41]], [[4, -41], [5, -41]]]);
  });

  it('have no line over a jump that nothing of its kind can have made', () => {
    // 0.1 degrees of latitude are 11.1 km: in 10 s 1112 m/s, in 60 s 185 m/s, in 240 s 46 m/s.
    const leap = (seconds: number) => linesOf([at(0, 174, -41), at(1000, 174, -41.001), at(1000 + 1000 * seconds, 174, -41.101), at(2000 + 1000 * seconds, 174, -41.102)], fastest('S'));
    expect(leap(60)).toEqual({ known: [[[174, -41], [174, -41.001]], [[174, -41.101], [174, -41.102]]], guessed: [] });
    expect(leap(240).known).toHaveLength(1);
    expect(['A', 'G', 'S', 'U', ''].map((letter) => linesOf([at(0), at(60_000, 174, -41.1)], fastest(letter)).known.length)).toEqual([1, 0, 0, 0, 1]);
  });

  it('have no line over a jump across a gap either, and no jump at the antimeridian', () => {
    expect(linesOf([at(0), at(2 * GAP, -100)], fastest('S'))).toEqual({ known: [], guessed: [] });
    expect(linesOf([at(0, 179.99), at(60_000, -179.99)], fastest('S')).known).toHaveLength(1);
  });

  it('are not broken by the errors of two fixes at one time', () => {
    expect(linesOf([at(0), at(1, 174, -41.004)], fastest('S')).known).toHaveLength(1);
  });

  it('of nothing or one place are no line', () => {
    expect(linesOf([])).toEqual({ known: [], guessed: [] });
    expect(linesOf([at(0)])).toEqual({ known: [], guessed: [] });
  });

  it('join what the node says to what came meanwhile, and tell nothing twice', () => {
    const trails = new Trails();
    trails.add('A', at(50));
    trails.add('A', at(50));
    trails.add('A', at(40));
    expect(trails.unknown(['A', 'B'])).toEqual(['A', 'B']);
    trails.seed('A', [at(10), at(50), at(60)]);
    trails.add('A', at(70));
    expect(trails.of('A').map(([ms]) => ms)).toEqual([10, 50, 70]);
    expect(trails.unknown(['A', 'B'])).toEqual(['B']);
  });

  it('are as long as is wanted, and only of so many', () => {
    const trails = new Trails();
    for (const uid of ['A', 'B']) trails.seed(uid, [at(1), at(2), at(3)]);
    trails.forgetBefore(2);
    trails.keepOnly(['B']);
    expect(trails.uids).toEqual(['B']);
    expect(trails.of('B').map(([ms]) => ms)).toEqual([2, 3]);
    const many = Array.from({ length: MOST_TRAILS + 5 }, (_, n) => `T${n}`);
    for (const uid of many) trails.seed(uid, [at(1)]);
    trails.keepOnly(many);
    expect(trails.uids.length).toBe(MOST_TRAILS);
    trails.clear();
    expect(trails.uids).toEqual([]);
  });

  it('are thinned to none, one and all', () => {
    expect(thinned([1, 2, 3], 3)).toEqual([1, 2, 3]);
    expect(thinned([1, 2, 3], 2)).toEqual([1, 3]);
    expect(thinned([1, 2, 3], 1)).toEqual([3]);
  });
});
