/** Places as people type them: decimal degrees, degrees and minutes, MGRS. */
import { toPoint } from 'mgrs';

export type LonLat = [lon: number, lat: number];

/** To 100 metres or better: what says less is a square and no place. */
const MGRS = /^\d{1,2}[C-HJ-NP-X][A-HJ-NP-Z]{2}(?:\d\d){3,5}$/;
const NUMBER = /\d+(?:\.\d+)?/g;
const LETTERS = /[NSEW]/g;

/** A place, or null where the text is none. Without letters the latitude comes first. */
export function readPlace(text: string): LonLat | null {
  const said = text.trim().toUpperCase().replace(/[−–]/g, '-');
  const packed = said.replace(/\s/g, '');
  if (MGRS.test(packed)) return ofGrid(packed);
  const halves = split(said);
  if (halves === null) return null;
  const [lat, lon] = [degrees(halves[0], 'NS', 90), degrees(halves[1], 'EW', 180)];
  return lat === null || lon === null ? null : [lon, lat];
}

function ofGrid(text: string): LonLat | null {
  try {
    const [lon, lat] = toPoint(text);
    return Number.isFinite(lon) && Number.isFinite(lat) ? [lon, lat] : null;
  } catch {
    return null;
  }
}

/** The text of the latitude and that of the longitude. */
function split(text: string): [string, string] | null {
  const letters = text.match(LETTERS) ?? [];
  if (letters.length === 2) return byLetters(text, letters);
  if (letters.length > 0) return null;
  const parts = text.includes(',') ? text.split(',') : text.split(/\s+/);
  return parts.length === 2 ? [parts[0]!, parts[1]!] : null;
}

/** A letter stands before each half, or after each. */
function byLetters(text: string, letters: string[]): [string, string] | null {
  const isBefore = /^[NSEW]/.test(text);
  const at = isBefore ? text.search(/[NSEW](?=[^NSEW]*$)/) : text.search(LETTERS) + 1;
  const halves: [string, string] = [text.slice(0, at), text.slice(at)];
  if (halves.some((half) => half.match(LETTERS)?.length !== 1)) return null;
  return 'NS'.includes(letters[0]!) ? halves : [halves[1], halves[0]];
}

/** Degrees, or degrees and minutes, or degrees, minutes and seconds. */
function degrees(text: string, letters: string, most: number): number | null {
  const half = text.trim().replace(/^,|,$/g, '').trim();
  if (!/^[NSEW]?\s*[+-]?\s*\d[\d.\s°º'′’"″”:]*[NSEW]?$/.test(half)) return null;
  const letter = half.match(LETTERS)?.[0];
  const isMinus = half.includes('-');
  if (letter !== undefined && (isMinus || !letters.includes(letter))) return null;
  const parts = (half.match(NUMBER) ?? []).map(Number);
  const [whole, minutes = 0, seconds = 0] = parts;
  if (whole === undefined || parts.length > 3 || minutes >= 60 || seconds >= 60) return null;
  if (parts.slice(0, -1).some((part) => !Number.isInteger(part))) return null;
  const value = whole + minutes / 60 + seconds / 3600;
  if (value > most) return null;
  return value === 0 ? 0 : isMinus || letter === letters[1] ? -value : value;
}

/** Places read of lines, and the numbers of the lines that are none. Empty lines are passed over. */
export function readPlaces(text: string): { places: LonLat[]; faults: number[] } {
  const places: LonLat[] = [];
  const faults: number[] = [];
  text.split('\n').forEach((line, at) => {
    if (line.trim() === '') return;
    const place = readPlace(line);
    if (place === null) faults.push(at + 1);
    else places.push(place);
  });
  return { places, faults };
}
