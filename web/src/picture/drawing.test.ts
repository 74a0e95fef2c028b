import { describe, expect, it } from 'vitest';
import { cornersOf, drawn, faultOf, geometryOf, isOwnDrawing, isWhole, MOST_CORNERS, nameAt, outlineOf, unbroken } from './drawing';
import { metresBetween } from './geo';
import { aMeta } from './testing/builders';

const OVER_THE_LINE: [number, number][] = [[179, -17], [-179, -17], [-179, -16]]; // prettier-ignore

describe('what is sent', () => {
  it('is a closed ring, longitude first', () => {
    expect(geometryOf({ form: 'area', places: OVER_THE_LINE, radius: 0 })).toEqual({
      type: 'Polygon',
      coordinates: [[[179, -17], [-179, -17], [-179, -16], [179, -17]]],
    }); // prettier-ignore
  });
  it('has no longitude beyond 180, however far round the map was turned', () => {
    expect(geometryOf({ form: 'line', places: [[181, 0], [-541, 1], [180, 2]], radius: 0 })).toEqual({
      type: 'LineString',
      coordinates: [[-179, 0], [179, 1], [180, 2]],
    }); // prettier-ignore
  });
  it('is a point with a radius apart for a circle', () => {
    expect(geometryOf({ form: 'circle', places: [[174, -41]], radius: 5 })).toEqual({ type: 'Point', coordinates: [174, -41] });
  });
  it('is not sent while it is not whole', () => {
    const places = OVER_THE_LINE;
    expect(faultOf({ form: 'area', places: places.slice(0, 2), radius: 0 })).toBe('few');
    expect(faultOf({ form: 'area', places: [places[0]!, places[1]!, places[0]!], radius: 0 })).toBe('few');
    expect(faultOf({ form: 'area', places, radius: 0 })).toBe('');
    expect(faultOf({ form: 'point', places, radius: 0 })).toBe('many');
    expect(faultOf({ form: 'line', places: Array.from({ length: 1000 }, (_, n) => [n / 10, 0] as const).map(([a, b]) => [a, b]), radius: 0 })).toBe('many');
    expect(faultOf({ form: 'circle', places: places.slice(0, 1), radius: 0 })).toBe('radius');
    expect(faultOf({ form: 'circle', places: places.slice(0, 1), radius: Number.NaN })).toBe('radius');
    expect(faultOf({ form: 'circle', places: places.slice(0, 1), radius: 1852 })).toBe('');
  });
});

describe('an outline on the map', () => {
  it('goes the shorter way over the antimeridian', () => {
    expect(unbroken(OVER_THE_LINE).map(([lon]) => lon)).toEqual([179, 181, 181]);
    expect(unbroken([[-179, 0], [179, 0]]).map(([lon]) => lon)).toEqual([-179, -181]); // prettier-ignore
  });
  it('closes an area whether or not its last corner is its first', () => {
    for (const points of [OVER_THE_LINE, [...OVER_THE_LINE, OVER_THE_LINE[0]!]]) {
      expect(drawn({ type: 'area', points, radius: null })).toEqual({
        type: 'Polygon',
        coordinates: [[[179, -17], [181, -17], [181, -16], [179, -17]]],
      }); // prettier-ignore
    }
  });
  it('is round, as far from its centre everywhere', () => {
    const ring = drawn({ type: 'circle', points: [[179.99, -41]], radius: 20_000 });
    expect(ring.type).toBe('Polygon');
    for (const [lon, lat] of ring.coordinates[0] as [number, number][]) {
      expect(metresBetween([179.99, -41], [lon, lat])).toBeCloseTo(20_000, 2);
      expect(lon).toBeGreaterThan(179);
    }
  });
  it('has no inside where it goes round a pole', () => {
    expect(drawn({ type: 'circle', points: [[0, -89]], radius: 500_000 }).type).toBe('LineString');
  });
  it('has its name where it is', () => {
    expect(nameAt({ type: 'area', points: OVER_THE_LINE, radius: null })).toEqual([180, -16.5]);
    expect(nameAt({ type: 'line', points: OVER_THE_LINE, radius: null })).toEqual([181, -17]);
    const north = nameAt({ type: 'circle', points: [[174, -41]], radius: 1852 });
    expect([north[0], north[1]]).toEqual([expect.closeTo(174, 9), expect.closeTo(-41 + 1 / 60, 4)]);
  });
  it('is seen as it grows: first a line, then an area', () => {
    const places = OVER_THE_LINE;
    const at = (n: number) => outlineOf({ form: 'area', places: places.slice(0, n), radius: 0 })?.type;
    expect([at(1), at(2), at(3)]).toEqual([undefined, 'line', 'area']);
    expect(outlineOf({ form: 'circle', places: places.slice(0, 1), radius: 0 })).toBeNull();
    expect(outlineOf({ form: 'point', places, radius: 0 })).toBeNull();
  });
});

describe('a drawing', () => {
  it('is one\'s own only where this node\'s page has it of oneself', () => {
    const mine = aMeta(0, { source: 'page', speaker: 'aroha' });
    expect(isOwnDrawing(mine, 'aroha')).toBe(true);
    expect(isOwnDrawing(mine, 'tane')).toBe(false);
    expect(isOwnDrawing({ ...mine, partner: 'USA-PAC' }, 'aroha')).toBe(false);
    expect(isOwnDrawing({ ...mine, source: 'cot-tls' }, 'aroha')).toBe(false);
  });
});

describe('taking a drawing up again', () => {
  const ring: [number, number][] = [[1, 2], [3, 2], [3, 4], [1, 2]]; // prettier-ignore
  it('has its corners as they were typed: a ring is not closed', () => {
    expect(cornersOf({ type: 'area', points: ring, radius: null })).toEqual({ form: 'area', places: ring.slice(0, 3) });
    expect(cornersOf({ type: 'line', points: ring, radius: null })).toEqual({ form: 'line', places: ring });
    expect(cornersOf({ type: 'circle', points: [[1, 2]], radius: 9 })).toEqual({ form: 'circle', places: [[1, 2]] });
  });
  it('is not for one of which only some corners are here', () => {
    const long = Array.from({ length: MOST_CORNERS }, (): [number, number] => [0, 0]);
    expect(isWhole(aMeta(1, { outline: { type: 'line', points: long, radius: null } }))).toBe(false);
    expect(isWhole(aMeta(1, { outline: { type: 'line', points: long.slice(1), radius: null } }))).toBe(true);
    expect(isWhole(aMeta(1))).toBe(true);
  });
});
