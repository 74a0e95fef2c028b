/** Values for tests; nothing of the page imports them. */
import { CENTI, DEGREE, type Meta, type Positions, UNKNOWN } from '../frames';

export function aMeta(i: number, more: Partial<Meta> = {}): Meta {
  return {
    i,
    uid: `uid-${i}`,
    name: `Track ${i}`,
    type: 'a-n-S-X',
    sidc: 'SNSPX----------',
    affiliation: 'n',
    body: 'position',
    source: 'feed:ais',
    speaker: 'ais',
    node: 'NZL-TEST',
    partner: null,
    hops: 0,
    form: null,
    cell: null,
    exercise: null,
    groups: ['Blue'],
    ttl: 60,
    emergency: false,
    claims: 1,
    doubts: [],
    outline: null,
    ...more,
  };
}

/** [index, lon, lat, course, speed] of each, at one time; null for what is not known. */
export function positions(
  time: number,
  ...rows: [i: number, lon: number, lat: number, course?: number | null, speed?: number | null][]
): Positions {
  const scaled = (value: number | null | undefined) => (value == null ? UNKNOWN : value * CENTI);
  return {
    t: 'TRK1',
    time,
    index: Uint32Array.from(rows, (row) => row[0]),
    lon: Int32Array.from(rows, (row) => Math.round(row[1] * DEGREE)),
    lat: Int32Array.from(rows, (row) => Math.round(row[2] * DEGREE)),
    course: Uint16Array.from(rows, (row) => scaled(row[3])),
    speed: Uint16Array.from(rows, (row) => scaled(row[4])),
  };
}
