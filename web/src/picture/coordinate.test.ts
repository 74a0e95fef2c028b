import { describe, expect, it } from 'vitest';
import { readPlace, readPlaces } from './coordinate';

const close = (text: string, lon: number, lat: number, digits = 6) => {
  const place = readPlace(text);
  expect(place, text).not.toBeNull();
  expect(place![0], text).toBeCloseTo(lon, digits);
  expect(place![1], text).toBeCloseTo(lat, digits);
};

describe('a typed place', () => {
  it.each([
    '-41.289 174.777',
    '-41.289, 174.777',
    '41.289S 174.777E',
    'S41.289 E174.777',
    '174.777E, 41.289S',
    "41°17.340'S 174°46.620'E",
    '41 17.34 S, 174 46.62 E',
    "s 41° 17' 20.4\" e 174° 46' 37.2\"",
    '−41.289 174.777',
  ])('is read however it is written: %s', (text) => close(text, 174.777, -41.289));
  it('is MGRS as published: the Jefferson Pier at 38.8898 N 77.0365 W (FGDC-STD-011, US National Grid)', () => {
    close('18S UJ 23371 06519', -77.0365, 38.8898, 3);
    close('18suj2337106519', -77.0365, 38.8898, 3);
  });
  it('may be on the equator, the meridian and the antimeridian', () => {
    close('0 0', 0, 0);
    close('0N 180W', -180, 0);
    close('90S 180E', 180, -90);
  });
  it.each([
    '', 'here', '41.289', '174.777, -41.289', '91N 10E', '10N 181E', "41°61'S 174°E", '41S 42S', '41E 174S',
    '-41S 174E', '41.5 30 S 174 E', '41,289 174,777', '1 2 3', '18S UJ 233', '18S UJ 23 06', '41S 174', '1e1 2', 'NaN NaN',
    '60G ZZ 12345 67890 1', '41S 174E 5', '<b>41</b> 174',
  ])('is none where it cannot be one for sure: %s', (text) => expect(readPlace(text)).toBeNull()); // prettier-ignore
});

describe('typed places', () => {
  it('are one a line, and say which line is none', () => {
    expect(readPlaces('-41 174\n\n nowhere \n-42 175\n')).toEqual({ places: [[174, -41], [175, -42]], faults: [3] }); // prettier-ignore
  });
});
