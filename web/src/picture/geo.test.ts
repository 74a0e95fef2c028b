import { describe, expect, it } from 'vitest';
import { acrossSeam, ahead, mercatorX, mercatorY, metresBetween, mgrs, spelled, wrapped } from './geo';

describe('Web Mercator', () => {
  it('puts the corners of EPSG:3857 where they belong', () => {
    expect(mercatorX(-180)).toBe(0);
    expect(mercatorX(180)).toBe(1);
    expect(mercatorY(0)).toBe(0.5);
    expect(mercatorY(85.05112878)).toBeCloseTo(0, 8);
    expect(mercatorY(-90)).toBeCloseTo(1, 8);
  });
  it('goes the shorter way over the antimeridian', () => {
    expect(acrossSeam(mercatorX(-179) - mercatorX(179))).toBeCloseTo(2 / 360, 12);
  });
  it('wraps longitudes', () => {
    expect(wrapped(190)).toBe(-170);
    expect(wrapped(-180)).toBe(-180);
  });
});

describe('on the sphere', () => {
  it('goes a sixtieth of a degree north in about a nautical mile', () => {
    const [lon, lat] = ahead(174, -41, 0, 1852);
    expect(lon).toBeCloseTo(174, 9);
    expect(lat).toBeCloseTo(-41 + 1 / 60, 4);
  });
  it('goes east over the antimeridian', () => {
    expect(ahead(179.99, 0, 90, 1852 * 2)[0]).toBeCloseTo(-179.9767, 3);
  });
  it('agrees with the way it went', () => {
    expect(metresBetween([174, -41], ahead(174, -41, 77, 50_000))).toBeCloseTo(50_000, 3);
  });
});

describe('text of a position', () => {
  it('is degrees and decimal minutes, as on a chart', () => {
    expect(spelled(174.777, -41.289)).toBe("41°17.340'S 174°46.620'E");
    expect(spelled(-0.001, 0.001)).toBe("00°00.060'N 000°00.060'W");
  });
  it('does not come to sixty minutes', () => {
    expect(spelled(9.999999999, 0)).toBe("00°00.000'N 010°00.000'E");
  });
  it('is MGRS as published: the Washington Monument of the US National Grid (FGDC-STD-011)', () => {
    expect(mgrs(-77.0353, 38.8895)).toMatch(/^18S UJ 23\d\d 06\d\d$/);
  });
  it('has no MGRS at the poles', () => {
    expect(mgrs(0, -85)).toBe('');
  });
});
