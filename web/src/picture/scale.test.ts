import { expect, test } from 'vitest';
import { barOf } from './scale';

test('a mile is a minute of latitude: at the equator 60 of them are a degree of the world', () => {
  const { miles, pixels } = barOf(0, 360 * 100, 140); // 100 pixels a degree
  expect(miles).toBe(50);
  expect(pixels).toBe(83); // 50 minutes of 60, and the equator is 0.2 % longer than 360 x 60 miles
});

test('nearer to a pole the same distance is wider', () => {
  expect(barOf(60, 360 * 100, 140)).toEqual({ miles: 30, pixels: 100 });
});

test('a bar is never longer than there is room, and at least a third of it', () => {
  for (let zoom = 1.5; zoom <= 16; zoom += 0.1) {
    const { miles, pixels } = barOf(-41, 512 * 2 ** zoom, 140);
    expect(pixels).toBeLessThanOrEqual(140);
    expect(pixels).toBeGreaterThan(46);
    expect(String(miles)).toMatch(/^(?:[1235]0*|0\.0*[1235])$/);
  }
});
