import { expect, test } from 'vitest';
import { readGroups, spellGroups } from './people';

test('groups are read as they are spelt', () => {
  const groups = { Blue: 'both', Red: 'out', 'Sea: north': 'in' } as const;
  expect(spellGroups(groups)).toBe('Blue, Red:out, Sea: north:in');
  expect(readGroups(spellGroups(groups))).toEqual(groups);
  expect(readGroups(' Blue ,, ')).toEqual({ Blue: 'both' });
});

test('what names no group, or no way that there is, is none', () => {
  for (const wrong of ['', ' , ', 'Blue:up', ':in']) expect(readGroups(wrong)).toBeNull();
});
