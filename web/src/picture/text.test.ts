import { describe, expect, it } from 'vitest';
import { folded, LONGEST_NAME, LONGEST_WORDS, plainName, plainWords } from './text';

describe('a name that somebody chose', () => {
  it('stays as it is when it is harmless', () => {
    expect(plainName('Ōhope Star')).toBe('Ōhope Star');
    expect(plainName('<b>x</b>')).toBe('<b>x</b>');
  });
  it('turns no direction and hides nothing', () => {
    expect(plainName('abc\u202Edcba\u200b\u0000\n')).toBe('abcdcba');
  });
  it('is cut between letters, also where one takes two units', () => {
    const long = plainName('🚢'.repeat(10_000));
    expect([...long].length).toBe(LONGEST_NAME);
    expect(long.endsWith('🚢…')).toBe(true);
  });
});

describe('what is searched', () => {
  it('is in small letters and without accents', () => {
    expect(['Māori', 'TAURANGA', 'Ōhope', 'e\u0301te\u0301'].map(folded)).toEqual(['maori', 'tauranga', 'ohope', 'ete']);
  });
});

describe('words that somebody says', () => {
  it('keep their lines, and turn no direction and hide nothing', () => {
    expect(plainWords('one\r\n\ttwo\rthree\u202Eruof\u200b\u0000')).toBe('one\n two\nthreeruof');
  });
  it('are not longer than can be shown', () => {
    expect(plainWords('x'.repeat(1_000_000)).length).toBe(LONGEST_WORDS);
  });
});
