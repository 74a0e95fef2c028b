import { expect, test } from 'vitest';
import { changedOf, type Incident, placeOf, placesOf, type ReliefRecord, seenOf, titleOf } from './relief';

const value = (text: string, ...seen: string[]) => ({ value: text, by: 'moana', node: 'NZL', at: '2026-11-26T03:00:00Z', seen, rivals: [] });
const record = (sort: string, fields: { [name: string]: string }): ReliefRecord => ({
  sort,
  id: `NZL-${sort}`,
  node: 'NZL',
  fields: Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, value(text, `NZL:${name}`)])),
});
const incident = (...records: ReliefRecord[]): Incident => ({
  id: 'NZL-R1', context: 'live', opened: '2026-11-26T03:00:00Z', closed: false, shared: false, fields: {}, records,
  totals: { accounts: 0, aboard: 0, unhurt: 0, injured: 0, dead: 0, missing: 0, unknown: 0 }, doubts: [], log: [],
}); // prettier-ignore

test('a record is called for what it is about, and for its name where nobody said', () => {
  expect(titleOf(record('need', { what: 'water', where: 'Norsup', unit: 'l' }))).toBe('water, Norsup');
  expect(titleOf(record('need', {}))).toBe('NZL-need');
  expect(titleOf(record('colour', { what: 'red' }))).toBe('NZL-colour');
});

test('only what is changed is sent, with the lines of it that were on the screen', () => {
  const before = { what: 'water', unit: 'l' };
  expect(changedOf(before, { what: 'water ', unit: '', where: 'Norsup', by: '' })).toEqual({ unit: '', where: 'Norsup' });
  expect(seenOf(record('need', before), ['unit', 'where'])).toEqual(['NZL:unit']);
  expect(seenOf(null, ['unit'])).toEqual([]);
});

test('a kept position is a place and nothing else is', () => {
  expect(placeOf('-16.166667,167.500000')).toEqual([-16.166667, 167.5]);
  for (const wrong of [undefined, '', '1', 'a,b']) expect(placeOf(wrong)).toBeNull();
});

test('every record with a place is on the map, both ends of a movement too', () => {
  const moved = record('movement', { what: 'water', from_position: '-17,168', to_position: '-16,167' });
  const found = placesOf(incident(record('incident', { title: 'Lola', position: '-16,167' }), moved, record('need', { what: 'x' })), (sort) => sort.toUpperCase());
  expect(found.map((each) => each.text)).toEqual(['Lola', 'MOVEMENT: water', 'MOVEMENT: water']);
  expect(found[1]?.at).toEqual([-17, 168]);
});
