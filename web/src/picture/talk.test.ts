import { describe, expect, it } from 'vitest';
import type { Message } from './frames';
import { EVERYBODY, linesOf, merged, MOST_MESSAGES, MOST_TALKS, personPlace, placeOf, readTo, talksOf, TO_ALL, unreadBy } from './talk';

const SELF = 'NZL-TEST.aroha';

function words(n: number, more: Partial<Message> = {}): Message {
  const at = new Date(Date.UTC(2026, 10, 25) + n * 1000).toISOString();
  return {
    uid: `m${n}`, at, from: 'KIWI 1', author: 'ANDROID-1', speaker: 'kiwi-1', partner: null,
    room: EVERYBODY, to: [], text: 'kia ora', context: 'live', groups: ['Blue'], ...more,
  }; // prettier-ignore
}

const mine = (n: number, more: Partial<Message> = {}) => words(n, { author: SELF, from: 'aroha', speaker: 'aroha', ...more });

describe('words', () => {
  it('belong to the room they were said in', () => {
    expect(placeOf(words(1, { room: 'Harbour' }), SELF)).toEqual({ key: 'room:Harbour', name: 'Harbour', to: '' });
  });
  it('between two are one talk, whoever says them', () => {
    const theirs = placeOf(words(1, { to: [SELF], room: 'aroha' }), SELF);
    const own = placeOf(mine(2, { to: ['ANDROID-1'], room: 'KIWI 1' }), SELF);
    expect([theirs, own]).toEqual([personPlace('ANDROID-1', 'KIWI 1'), personPlace('ANDROID-1', 'KIWI 1')]);
  });
  it('to several are answered to whoever said them, never to everybody', () => {
    expect(placeOf(words(1, { to: [SELF, 'ANDROID-2'], room: 'Boat crew' }), SELF).to).toBe('ANDROID-1');
  });
  it('of a partner are never taken for one\'s own', () => {
    const forged = mine(1, { partner: 'USA-PAC', to: [SELF] });
    expect(placeOf(forged, SELF)).toEqual(personPlace(SELF, 'aroha'));
    expect(unreadBy([forged], SELF, {}).get('live')).toBe(1);
  });
  it('come once, oldest first, and the oldest go', () => {
    expect(merged([words(2)], [words(1), words(2)]).map((each) => each.uid)).toEqual(['m1', 'm2']);
    const many = merged(Array.from({ length: MOST_MESSAGES }, (_, n) => words(n)), [words(MOST_MESSAGES)]);
    expect([many.length, many[0]!.uid]).toEqual([MOST_MESSAGES, 'm1']);
  });
});

describe('talks', () => {
  it('begin with everybody\'s room, then the one last spoken in', () => {
    const said = [words(1, { room: 'A' }), words(2, { room: 'B' }), mine(3, { room: 'A' })];
    expect(talksOf(said, SELF, 'live', {}, TO_ALL).map((each) => [each.name, each.unread])).toEqual([
      [EVERYBODY, 0], ['A', 1], ['B', 1],
    ]); // prettier-ignore
  });
  it('are read up to where they were read, and one\'s own words are never unread', () => {
    const said = [words(1), words(2), mine(3)];
    const read = readTo({}, said.slice(0, 1), SELF, 'live', TO_ALL.key);
    expect(talksOf(said, SELF, 'live', read, TO_ALL)[0]!.unread).toBe(1);
    expect(unreadBy(said, SELF, readTo(read, said, SELF, 'live', TO_ALL.key)).size).toBe(0);
  });
  it('of an exercise and live never mix', () => {
    const said = [words(1), words(2, { context: 'exercise:TASMAN 26' })];
    expect(linesOf(said, SELF, 'exercise:TASMAN 26', TO_ALL.key).map((each) => each.uid)).toEqual(['m2']);
    expect([...unreadBy(said, SELF, readTo({}, said, SELF, 'live', TO_ALL.key))]).toEqual([['exercise:TASMAN 26', 1]]);
  });
  it('have the one that is open among them, also where nothing was said in it, and are not too many', () => {
    const said = Array.from({ length: 2 * MOST_TALKS }, (_, n) => words(n, { room: `room ${n}` }));
    const open = personPlace('X', 'NEW ONE');
    const talks = talksOf(said, SELF, 'live', {}, open);
    expect(talks.length).toBe(MOST_TALKS);
    expect(talks.some((each) => each.key === open.key)).toBe(true);
  });
  it('that are not held any more leave no note of being read', () => {
    const read = readTo({ 'live|room:old': 'x' }, [words(1)], SELF, 'live', TO_ALL.key);
    expect(Object.keys(read)).toEqual([`live|${TO_ALL.key}`]);
  });
});
