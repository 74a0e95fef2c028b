import { describe, expect, it } from 'vitest';
import { earliest, forForm, fromForm, momentAt, within } from './replay';

const NOON = Date.UTC(2026, 10, 25, 12);
const HOUR = 3_600_000;
const MOMENT = { at: NOON, speed: 60, since: 0, whole: true };

describe('the moment that is shown', () => {
  it('moves as fast as the node says, and no further than it may be guessed', () => {
    expect(momentAt(MOMENT, 1000, 1500)).toBe(NOON + 30_000);
    expect(momentAt(MOMENT, 1000, 60_000)).toBe(NOON + 90_000);
    expect(momentAt({ ...MOMENT, speed: 0 }, 1000, 60_000)).toBe(NOON);
  });

  it('does not go back when this machine sets its clock back', () => {
    expect(momentAt(MOMENT, 60_000, 1000)).toBe(NOON);
  });

  it('reaches so many hours back, and no further than is kept', () => {
    expect(earliest(NOON, NOON - 3 * HOUR, 1)).toBe(NOON - HOUR);
    expect(earliest(NOON, NOON - 3 * HOUR, 24)).toBe(NOON - 3 * HOUR);
    expect(earliest(NOON, NOON - 40 * HOUR, 24)).toBe(NOON - 24 * HOUR);
    expect(earliest(NOON, NOON - 40 * HOUR, Number.POSITIVE_INFINITY)).toBe(NOON - 40 * HOUR);
  });

  it('is now where nothing is kept', () => {
    expect(earliest(NOON, null, 24)).toBe(NOON);
    expect(within(NOON - HOUR, NOON, null)).toBe(NOON);
  });

  it('is never after now or before what is kept', () => {
    expect(within(NOON + 1, NOON, 0)).toBe(NOON);
    expect(within(NOON - 2 * HOUR, NOON, NOON - HOUR)).toBe(NOON - HOUR);
  });

  it('is typed in UTC, to the second or the minute', () => {
    expect(forForm(NOON + 9000)).toBe('2026-11-25T12:00:09');
    expect(fromForm('2026-11-25T12:00:09')).toBe(NOON + 9000);
    expect(fromForm('2026-11-25T12:00')).toBe(NOON);
  });

  it.each(['', 'now', '2026-11-25', '2026-13-45T99:00', '2026-11-25T12:00Z'])('is not %j', (text) => {
    expect(fromForm(text)).toBeNull();
  });
});
