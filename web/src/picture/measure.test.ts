import { describe, expect, it } from 'vitest';
import type { LonLat } from './coordinate';
import { bent, legOf, legsOf, miles, MOST_LEGS, spokenCourse } from './measure';

const dms = (d: number, m: number, s: number) => Math.sign(d) * (Math.abs(d) + m / 60 + s / 3600);

describe('a leg', () => {
  it('is as long as the geodesists of Australia have it, on the course they have', () => {
    // Geocentric Datum of Australia 2020 Technical Manual 1.2, section 4.2.3: Flinders Peak to Buninyong.
    const flinders: LonLat = [dms(144, 25, 29.52440), dms(-37, 57, 3.72030)];
    const buninyong: LonLat = [dms(143, 55, 35.38390), dms(-37, 39, 10.15610)];
    const { metres, course } = legOf(flinders, buninyong);
    expect(metres).toBeCloseTo(54972.271, 2);
    expect(course).toBeCloseTo(dms(306, 52, 5.37), 4);
  });
  it('is as long as a quarter of the meridian from the equator to the pole', () => {
    // NGA.STND.0036, table 3.6: meridian quadrant of WGS 84, 10001965.729 m
    expect(legOf([0, 0], [0, 90]).metres).toBeCloseTo(10001965.729, 2);
  });
  it('goes the shorter way over the antimeridian', () => {
    const over = legOf([179.5, 0], [-179.5, 0]);
    // one degree of the equator: 6378137 * pi / 180
    expect(over.metres).toBeCloseTo(111319.4908, 3);
    expect(over.course).toBeCloseTo(90, 9);
    expect(legOf([-179.5, 0], [179.5, 0]).course).toBeCloseTo(270, 9);
    expect(legOf([179.5, -40], [-179.5, -40]).metres).toBeCloseTo(legOf([10, -40], [11, -40]).metres, 6);
  });
  it('of no length has no course, and one to the other side of the world is answered', () => {
    expect(legOf([174, -41], [174, -41])).toEqual({ metres: 0, course: null });
    expect(legOf([0, 0], [179.9, 0.1]).metres / 20_003_931).toBeCloseTo(1, 2); // half of a meridian's length
  });
});

describe('several legs', () => {
  it('are one fewer than the places, and no more than can be read', () => {
    const places: LonLat[] = Array.from({ length: MOST_LEGS + 5 }, (_, n) => [n / 10, 0]);
    expect(legsOf(places.slice(0, 3))).toHaveLength(2);
    expect(legsOf(places)).toHaveLength(MOST_LEGS);
    expect(legsOf([])).toEqual([]);
  });
  it('are drawn along the great circle, through their places', () => {
    // Along 40 south the great circle from 100 to 140 degrees runs further south in between.
    const line = bent([[100, -40], [140, -40]]); // prettier-ignore
    expect(line[0]).toEqual([100, -40]);
    expect(line.at(-1)).toEqual([140, -40]);
    expect(Math.min(...line.map((each) => each[1]))).toBeLessThan(-41);
    expect(bent([[100, -40]])).toEqual([[100, -40]]);
  });
});

describe('what is read', () => {
  it.each([
    [1852, '1.00 NM'],
    [185_200, '100.0 NM'],
    [18_520_000, '10000 NM'],
  ])('%d m is %s', (metres, text) => expect(miles(metres)).toBe(text));
  it('is a course of three figures', () => {
    expect([0.4, 7, 359.7].map(spokenCourse)).toEqual(['000° T', '007° T', '000° T']);
  });
});
