import { describe, expect, it } from 'vitest';
import { Declutter, MANY_DOTS, nearest, Sieve, SPOT, Spots, SQUARE, UNDER, type View, WIDE_SPOT } from './declutter';
import { mercatorX, mercatorY } from './geo';
import { Store } from './store';
import { aMeta, positions } from './testing/builders';

const all = () => true;

function view(lon: number, lat: number, world = 512 * 2 ** 5): View {
  return { x: mercatorX(lon), y: mercatorY(lat), world, width: 800, height: 600 };
}

function storeOf(...rows: [lon: number, lat: number, affiliation: 'h' | 'f'][]): Store {
  const store = new Store();
  store.describe(rows.map(([, , affiliation], i) => aMeta(i, { affiliation })));
  store.move(positions(1, ...rows.map(([lon, lat], i) => [i, lon, lat] as [number, number, number])));
  return store;
}

describe('declutter', () => {
  it('gives the heavier of two at one place the symbol, and the other a dot', () => {
    const seen = new Declutter().look(storeOf([174, -41, 'f'], [174, -41, 'h']), view(174, -41), all);
    expect([seen.count, seen.symbols, seen.slots[0]]).toEqual([2, 1, 1]);
    expect([seen.px[0], seen.py[0]]).toEqual([400, 300]);
  });
  it('gives the hooked one its symbol, whatever is beside it', () => {
    const seen = new Declutter().look(storeOf([174, -41, 'f'], [174, -41, 'h']), view(174, -41), all, 0);
    expect(seen.slots[0]).toBe(0);
    const last = new Declutter().look(storeOf([174, -41, 'h'], [174, -41, 'f']), view(174, -41), all, 1);
    expect(last.slots[0]).toBe(1);
  });
  it('leaves out what is not in sight, and what has no position', () => {
    const store = storeOf([174, -41, 'f'], [0, 51, 'f']);
    store.describe([aMeta(9)]);
    expect(new Declutter().look(store, view(174, -41), all).count).toBe(1);
  });
  it('leaves out what is filtered away, but not the hooked one', () => {
    const store = storeOf([174, -41, 'f'], [175, -41, 'f']);
    expect(new Declutter().look(store, view(174, -41), () => false).count).toBe(0);
    expect(new Declutter().look(store, view(174, -41), () => false, 1).slots[0]).toBe(1);
  });
  it('shows both sides of the antimeridian side by side', () => {
    const seen = new Declutter().look(storeOf([179.9, -17, 'f'], [-179.9, -17, 'f']), view(180, -17), all);
    expect(seen.count).toBe(2);
    expect(Math.abs(seen.px[0]! - seen.px[1]!)).toBeLessThan(20);
  });
  it('keeps every symbol in front when many share squares', () => {
    const rows = Array.from({ length: 300 }, (_, n) => [174 + (n % 20) / 10, -41 + Math.floor(n / 20) / 20, n % 3 ? 'f' : 'h'] as [number, number, 'f' | 'h']);
    const seen = new Declutter().look(storeOf(...rows), view(175, -41), all);
    expect(new Set(seen.slots.subarray(0, seen.count)).size).toBe(300);
    const squares = new Set<string>();
    for (let n = 0; n < seen.symbols; n++) {
      squares.add(`${Math.floor((seen.px[n]! + 24) / SQUARE)},${Math.floor((seen.py[n]! + 24) / SQUARE)}`);
    }
    expect(squares.size).toBe(seen.symbols);
  });
});

describe('a sieve', () => {
  it('asks every slot once, and again where the store or what it goes by has changed', () => {
    const [sieve, store] = [new Sieve(), storeOf([174, -41, 'f'], [175, -41, 'h'])];
    const asked: number[] = [];
    const isOdd = (slot: number) => asked.push(slot) > 0 && slot % 2 === 1;
    const [wish, other] = [{}, {}];
    expect([...sieve.sift(store, isOdd, wish).subarray(0, 2)]).toEqual([0, 1]);
    sieve.sift(store, isOdd, wish);
    expect(asked).toEqual([0, 1]);
    sieve.sift(store, isOdd, other);
    expect(asked.length).toBe(4);
    store.move(positions(2, [0, 174, -42]));
    sieve.sift(store, isOdd, other);
    expect(asked.length).toBe(6);
    store.describe(Array.from({ length: 9 }, (_, n) => aMeta(10 + n)));
    expect([...sieve.sift(store, isOdd, other).subarray(0, 11)]).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
  });
});

describe('pointing at the map', () => {
  it('takes the nearest within reach', () => {
    const seen = new Declutter().look(storeOf([174, -41, 'f'], [175, -41, 'f']), view(174, -41), all);
    expect(seen.slots[nearest(seen, 405, 300, 16)!]).toBe(0);
    expect(nearest(seen, 420, 340, 16)).toBeUndefined();
  });
});

describe('dots in one place', () => {
  const spots = new Spots();
  it('are one, unless a heavier one comes', () => {
    spots.begin(view(174, -41), 100);
    expect([spots.takes(10, 10, 20), spots.takes(10.5, 10.5, 20), spots.takes(10, 10, 30), spots.takes(10, 10, 20)]).toEqual([true, false, true, false]);
    expect(spots.takes(10 + SPOT, 10, 20)).toBe(true);
    expect(spots.takes(-20, -20, 0)).toBe(true);
  });
  it('are no more than can be told apart where there are very many, and none is without one beside it', () => {
    spots.begin(view(174, -41), MANY_DOTS + 1);
    let drawn = 0;
    for (let x = 0; x < 100; x++) for (let y = 0; y < 100; y++) drawn += Number(spots.takes(x, y, 20));
    expect(drawn).toBeLessThanOrEqual((100 / WIDE_SPOT + 1) ** 2);
    expect(drawn).toBeGreaterThanOrEqual((100 / WIDE_SPOT) ** 2);
  });
  it('are not drawn under a symbol, and are beside it', () => {
    spots.begin(view(174, -41), 100);
    spots.cover(400, 300);
    expect([[0, 0], [3, -3], [-3, 3]].map(([dx, dy]) => spots.takes(400 + dx!, 300 + dy!, 200))).toEqual([false, false, false]);
    const beside = UNDER + SPOT;
    expect([[beside, 0], [-beside, 0], [0, beside], [0, -beside]].map(([dx, dy]) => spots.takes(400 + dx!, 300 + dy!, 20))).toEqual([true, true, true, true]);
  });
  it('are beside symbols at the edges, and one there covers nothing on the other side', () => {
    spots.begin(view(174, -41), 100);
    for (const [x, y] of [[-23, -23], [823, 623], [823, 300]] as const) spots.cover(x, y);
    expect([spots.takes(-23, 310, 20), spots.takes(400, 300, 20), spots.takes(-20, 306, 20)]).toEqual([true, true, true]);
  });
  it('are there again in the next frame, whatever the size of the map', () => {
    spots.begin({ ...view(174, -41), width: 1600, height: 900 }, 100);
    expect([spots.takes(10, 10, 20), spots.takes(1599, 899, 20)]).toEqual([true, true]);
  });
});
