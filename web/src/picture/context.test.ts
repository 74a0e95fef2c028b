import { describe, expect, it } from 'vitest';
import { contextAsked } from './context';

describe('what an address asks for', () => {
  it('is an exercise, by its name', () => {
    expect(contextAsked('#exercise:TASMAN%2026')).toBe('exercise:TASMAN 26');
  });
  it('is nothing where there is nothing, or nothing that can be read', () => {
    expect(['', '#', '#live', '#%', '#%zz', '#exercise:%E0%A4%A'].map(contextAsked)).toEqual([null, null, null, null, null, null]);
  });
});
