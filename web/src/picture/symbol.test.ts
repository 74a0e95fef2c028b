import { describe, expect, it } from 'vitest';
import { reachOf } from './symbol';

function square(side: number, ...dots: [x: number, y: number][]): Uint8ClampedArray {
  const rgba = new Uint8ClampedArray(4 * side * side);
  for (const [x, y] of dots) rgba[4 * (x + side * y) + 3] = 1;
  return rgba;
}

describe('how far a drawing reaches', () => {
  it('is from the middle to the far side of its last pixel, and one more', () => {
    expect(reachOf(square(20, [9, 9], [10, 10]), 20)).toBe(2);
    expect(reachOf(square(20, [10, 14]), 20)).toBe(6);
    expect(reachOf(square(20, [3, 10]), 20)).toBe(8);
  });
  it('is never more than there is of it', () => {
    expect(reachOf(square(20, [0, 0]), 20)).toBe(10);
    expect(reachOf(square(20), 20)).toBe(1);
  });
});
