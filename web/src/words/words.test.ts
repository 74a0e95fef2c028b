import { afterEach, describe, expect, it } from 'vitest';
import { LANGUAGES, say, sayOf, speak, understood, WORDS } from './words';

const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((each) => each[1]).sort();

describe('the words of every language', () => {
  it.each(Object.keys(LANGUAGES))('%s says the same things, with the same left open', (language) => {
    const words = WORDS[language as keyof typeof LANGUAGES];
    expect(Object.keys(words)).toEqual(Object.keys(WORDS.en));
    for (const [key, text] of Object.entries(WORDS.en)) {
      expect([key, holes(words[key as keyof typeof words])]).toEqual([key, holes(text)]);
    }
  });
  it('are said, none twice for nothing', () => {
    expect(Object.values(WORDS.fr).every((text) => text.trim() !== '')).toBe(true);
  });
});

/** Groups whose sentence is chosen by something said. */
const CHOSEN = /^(?:act|affiliation|alert|asked|binding|dimension|do|event|flow|form|kind|lacks|lane|line|notice|order|outcome|palette|part|priority|progress|reason|recall|room\.role|standing|state|stopped|sure|trailed|what|relief\.(?:f|c|one|many)|sar\.(?:f|phase|check|kinds?|pattern|platform|tab|unit)|admin\.(?:role|via|warning|clients|users))\./;

describe('every sentence', () => {
  it('is said somewhere', () => {
    const files = import.meta.glob<string>(['../**/*.svelte', '../**/*.ts', '!../**/*.test.ts'], {
      query: '?raw',
      import: 'default',
      eager: true,
    });
    const source = Object.values(files).join('\n');
    const silent = Object.keys(WORDS.en).filter((key) => !CHOSEN.test(key) && !source.includes(`'${key}'`));
    expect(silent).toEqual([]);
  });
});

describe('saying', () => {
  afterEach(() => speak('en'));
  it('fills in what is open', () => {
    expect(say('list.count', { shown: 3, total: 9 })).toBe('3 of 9');
    speak('fr');
    expect(say('list.count', { shown: 3, total: 9 })).toBe('3 sur 9');
  });
  it('never takes what it fills in for something to fill', () => {
    expect(say('track.partner', { partner: '{n}' })).toBe('From partner {n}');
  });
  it('has a word for what it has no word for', () => {
    expect(sayOf('dimension', 'S', 'dimension.X')).toBe('Sea');
    expect(sayOf('dimension', 'toString', 'dimension.X')).toBe('Other');
  });
  it('understands the first language that it speaks', () => {
    expect(understood(['mi-NZ', 'fr-NC', 'en'])).toBe('fr');
    expect(understood(['mi'])).toBe('en');
  });
});
