import { describe, expect, it } from 'vitest';
import { covers, isDrawnAsCell, isInside, labelled, ringOf, widthOf } from './overlay';
import type { Cell } from './frames';
import { Store } from './store';
import { aMeta } from './testing/builders';

const OVER_THE_LINE: Cell = [179.5, -17, -179.5, -16];

describe('a cell', () => {
  it('covers what lies wholly in it, also over the antimeridian', () => {
    const pacific: Cell = [60, -60, -100, 50];
    expect(covers(pacific, [174, -42, 176, -40])).toBe(true);
    expect(covers(pacific, [179, -18, -179, -16])).toBe(true);
    expect(covers(pacific, [-110, 0, -90, 10])).toBe(false);
    expect(covers(pacific, [-5, 50, 5, 55])).toBe(false);
    expect(covers(pacific, [170, 45, 175, 55])).toBe(false);
    expect(covers([-180, -90, 180, 90], [170, -10, -170, 10])).toBe(true);
  });
  it('is as wide over the antimeridian as elsewhere', () => {
    expect(widthOf(OVER_THE_LINE)).toBe(1);
    expect(widthOf([174, -41, 175, -40])).toBe(1);
  });
  it('goes round without a break', () => {
    expect(ringOf(OVER_THE_LINE).map(([lon]) => lon)).toEqual([179.5, 180.5, 180.5, 179.5, 179.5]);
  });
  it('holds what is on either side of the line, and nothing else', () => {
    expect(isInside(OVER_THE_LINE, 179.9, -16.5)).toBe(true);
    expect(isInside(OVER_THE_LINE, -179.9, -16.5)).toBe(true);
    expect(isInside(OVER_THE_LINE, 179.4, -16.5)).toBe(false);
    expect(isInside(OVER_THE_LINE, 179.9, -15)).toBe(false);
  });
  it('is drawn as one only where it is larger than a symbol', () => {
    expect(isDrawnAsCell(OVER_THE_LINE, 360 * 27)).toBe(false);
    expect(isDrawnAsCell(OVER_THE_LINE, 360 * 28)).toBe(true);
    expect(isDrawnAsCell(null, 1e9)).toBe(false);
  });
});

describe('names on the map', () => {
  it('begin with the hooked track, then go by weight', () => {
    const store = new Store();
    store.describe([aMeta(0, { affiliation: 'n' }), aMeta(1, { affiliation: 'h' }), aMeta(2, { affiliation: 'f' }), aMeta(3, { name: '' })]);
    const seen = { slots: Uint32Array.of(0, 1, 2, 3), px: new Float32Array(4), py: new Float32Array(4), symbols: 4, count: 4 };
    expect(labelled(store, seen, 2)).toEqual([2, 1, 0]);
    expect(labelled(store, seen, undefined)).toEqual([1, 2, 0]);
  });
  it('leaves out what has none, but not where that is hooked', () => {
    const store = new Store();
    store.describe([aMeta(0, { name: '' })]);
    const seen = { slots: Uint32Array.of(0), px: new Float32Array(1), py: new Float32Array(1), symbols: 1, count: 1 };
    expect([labelled(store, seen, undefined), labelled(store, seen, 0)]).toEqual([[], [0]]);
  });
  it('leave out what is drawn: its name stands at its outline', () => {
    const store = new Store();
    store.describe([aMeta(0, { outline: { type: 'line', points: [[0, 0], [1, 1]], radius: null } }), aMeta(1)]); // prettier-ignore
    const seen = { slots: Uint32Array.of(0, 1), px: new Float32Array(2), py: new Float32Array(2), symbols: 2, count: 2 };
    expect(labelled(store, seen, 0)).toEqual([1]);
  });
  it('leave out the hooked track where it is drawn as a cell, or is not in sight', () => {
    const store = new Store();
    store.describe([aMeta(0), aMeta(1)]);
    const seen = { slots: Uint32Array.of(0), px: new Float32Array(1), py: new Float32Array(1), symbols: 1, count: 1 };
    expect(labelled(store, seen, 1)).toEqual([0]);
  });
  it('leave out what is gone since it was drawn', () => {
    const store = new Store();
    store.describe([aMeta(0), aMeta(1)]);
    const seen = { slots: Uint32Array.of(0, 1), px: new Float32Array(2), py: new Float32Array(2), symbols: 2, count: 2 };
    store.clear();
    expect(labelled(store, seen, 1)).toEqual([]);
  });
});
