import { describe, expect, it } from 'vitest';
import { boxAt, type Name, NOWHERE, place } from './placing';

const name = (x: number, y: number, more: Partial<Name> = {}): Name => ({ x, y, width: 60, height: 14, isInside: false, side: NOWHERE, ...more });

describe('a name', () => {
  it('stands right of its symbol where there is room', () => {
    expect(place([name(100, 100)], [])).toEqual([0]);
    expect(boxAt(name(100, 100), 0).x).toBeGreaterThan(100);
  });
  it('takes another side where one is taken, and none where all are', () => {
    const symbol = name(100, 100);
    const taken = [0, 1, 2, 3].map((side) => boxAt(symbol, side));
    const sides = taken.map((_, n) => place([name(900, 900), symbol], taken.slice(0, n))[1]);
    expect(sides).toEqual([0, 1, 2, 3]);
    expect(place([name(900, 900), symbol], taken)[1]).toBe(NOWHERE);
  });
  it('never lies on another', () => {
    const names = Array.from({ length: 60 }, (_, n) => name(100 + 17 * (n % 8), 100 + 9 * Math.floor(n / 8)));
    const boxes = place(names, []).flatMap((side, n) => (side === NOWHERE ? [] : [boxAt(names[n]!, side)]));
    expect(boxes.length).toBeGreaterThan(3);
    const pairs = boxes.flatMap((a, n) => boxes.slice(n + 1).map((b) => [a, b] as const));
    const lies = pairs.filter(([a, b]) => Math.abs(a.x - b.x) < 60 && Math.abs(a.y - b.y) < 14);
    expect(lies).toEqual([]);
  });
  it('stays on the side where it stood while that is free', () => {
    expect(place([name(100, 100, { side: 3 })], [])).toEqual([3]);
  });
  it('is there always where it is the first: what is hooked is named', () => {
    const symbol = name(100, 100);
    const taken = [0, 1, 2, 3].map((side) => boxAt(symbol, side));
    expect(place([symbol], taken)).toEqual([0]);
  });
  it('stands in the middle of a cell, or nowhere', () => {
    const cell = name(100, 100, { isInside: true });
    expect(boxAt(cell, 0)).toEqual({ x: 70, y: 93, width: 60, height: 14 });
    expect(place([name(900, 900), cell], [boxAt(cell, 0)])[1]).toBe(NOWHERE);
  });
});
