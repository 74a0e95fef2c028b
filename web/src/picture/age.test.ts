import { describe, expect, it } from 'vitest';
import { shortAge, utcClock, utcMinute, utcStamp } from './age';

describe('age', () => {
  it('says the unit that matters', () => {
    expect([0, 59.9, 60, 3599, 3600, 172_800].map(shortAge)).toEqual(['0 s', '59 s', '1 min', '59 min', '1 h', '2 d']);
  });
  it('has none for what is still to come', () => {
    expect(shortAge(-300)).toBe('0 s');
  });
  it('writes UTC', () => {
    expect(utcClock(Date.UTC(2026, 10, 25, 4, 5, 9))).toBe('04:05:09Z');
    expect(utcStamp(Date.UTC(2026, 10, 25, 4, 5, 9))).toBe('2026-11-25 04:05:09Z');
  });
  it('leaves out the day where that is today', () => {
    const at = Date.UTC(2026, 10, 25, 4, 5, 9);
    expect(utcMinute(at, Date.UTC(2026, 10, 25, 23, 59))).toBe('04:05Z');
    expect(utcMinute(at, Date.UTC(2026, 10, 26))).toBe('2026-11-25 04:05Z');
  });
});
