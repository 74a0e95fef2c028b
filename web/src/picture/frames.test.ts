import { describe, expect, it } from 'vitest';
import { type Ages, type Positions, readColumns, readText } from './frames';

/** The layout of docs/reference/stream.md, written by hand: one track. */
function bytes(): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(32));
  [...'TRK1'].forEach((letter, at) => view.setUint8(at, letter.charCodeAt(0)));
  view.setUint32(4, 1, true);
  view.setFloat64(8, 1_700_000_000_123, true);
  view.setUint32(16, 7, true);
  view.setInt32(20, 1_747_770_000, true);
  view.setInt32(24, -412_890_000, true);
  view.setUint16(28, 9000, true);
  view.setUint16(30, 65535, true);
  return view.buffer;
}

describe('a frame of positions', () => {
  it('is read in columns', () => {
    const read = readColumns(bytes()) as Positions;
    expect(read.time).toBe(1_700_000_000_123);
    expect([read.index[0], read.lon[0], read.lat[0]]).toEqual([7, 1_747_770_000, -412_890_000]);
    expect([read.course[0], read.speed[0]]).toEqual([9000, 65535]);
  });
  it('is refused when it is cut off', () => {
    expect(() => readColumns(bytes().slice(0, 31))).toThrow(RangeError);
    expect(() => readColumns(bytes().slice(0, 12))).toThrow(RangeError);
  });
  it('is only its letters when those are not known', () => {
    const other = bytes();
    new DataView(other).setUint8(3, 0x32);
    expect(readColumns(other)).toBe('TRK2');
  });
  it('may be ages instead', () => {
    const view = new DataView(new ArrayBuffer(24));
    [...'AGE1'].forEach((letter, at) => view.setUint8(at, letter.charCodeAt(0)));
    view.setUint32(4, 1, true);
    view.setFloat64(8, 5000, true);
    view.setUint32(16, 7, true);
    view.setUint32(20, 3, true);
    const read = readColumns(view.buffer) as Ages;
    expect([read.t, read.time, read.index[0], read.seconds[0]]).toEqual(['AGE1', 5000, 7, 3]);
  });
});

describe('a text frame', () => {
  it('is a value where its kind is known', () => {
    expect(readText('{"t":"clock","now":5}')).toEqual({ t: 'clock', now: 5 });
  });
  it('is only a name where it is not', () => {
    expect(readText('{"t":"weather"}')).toBe('weather');
  });
});
