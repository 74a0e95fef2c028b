import { describe, expect, it } from 'vitest';
import { type Past, speedChart, topOf } from './course';

const MINUTE = 60_000;

function past(minutes: number, speed: number | null): Past {
  const at = new Date(minutes * MINUTE).toISOString();
  return { lat: 0, lon: 0, precision: null, course: null, speed, source: 'tak', speaker: 'x', node: 'N', partner: null, form: null, cell: null, doubts: [], time: at, received: at };
}

describe('the chart of speed', () => {
  it('has each speed at its time, in knots, the fastest below the top', () => {
    // 1 knot is 1852 m an hour (SI brochure, 8th edition, table 8).
    const ten = 18_520 / 3600;
    const { lines, top } = speedChart([past(0, 0), past(5, ten), past(10, ten / 2)], 0, 10 * MINUTE, 100, 50);
    expect(top).toBe(10);
    expect(lines).toEqual(['M0.0,50.0 h0.5 L50.0,0.0 L100.0,25.0']);
  });

  it('is broken where nothing was heard for long', () => {
    expect(speedChart([past(0, 1), past(1, 1), past(30, 1)], 0, 30 * MINUTE, 100, 50).lines.length).toBe(2);
  });

  it('tells how many positions say no speed', () => {
    const chart = speedChart([past(0, null), past(1, null)], 0, MINUTE, 100, 50);
    expect([chart.lines, chart.unsaid]).toEqual([[], 2]);
  });

  it('of a million positions is small', () => {
    const many = new Array<Past>(1_000_000).fill(past(1, 1));
    expect(speedChart(many, 0, MINUTE, 100, 50).lines.join().length).toBeLessThan(20_000);
  });

  it.each([[0, 5], [5, 5], [17, 20], [480, 500], [1001, 1500]])('of %d knots ends at %d', (fastest, top) => {
    expect(topOf(fastest)).toBe(top);
  });
});
