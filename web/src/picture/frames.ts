/** What the stream says, as values. The wire is described in docs/reference/stream.md. */
import type { Alert, Entry } from './alerts';
import type { Moment } from './replay';

export type Affiliation = 'p' | 'u' | 'a' | 'f' | 'n' | 's' | 'h' | 'j' | 'k';
export type Cell = [west: number, south: number, east: number, north: number];

/** Who has signed in, as the node tells it. */
export interface User {
  name: string;
  role: 'viewer' | 'watch' | 'administrator';
  groups: Record<string, string>;
  via: 'password' | 'certificate';
}

/** What a track is; its position comes apart, in columns. */
export interface Meta {
  i: number;
  uid: string;
  name: string;
  type: string;
  /** null for what is no thing: alarms, drawings. */
  sidc: string | null;
  affiliation: Affiliation | null;
  body: 'position' | 'shape' | 'alarm';
  source: string;
  speaker: string;
  node: string;
  partner: string | null;
  hops: number;
  form: string | null;
  cell: Cell | null;
  exercise: string | null;
  groups: string[];
  ttl: number;
  emergency: boolean;
  claims: number;
  doubts: string[];
  outline: Outline | null;
}

/** What somebody drew: at most 1,000 corners, [longitude, latitude]; one for a circle, with a radius in metres. */
export interface Outline {
  type: 'line' | 'area' | 'circle';
  points: [number, number][];
  radius: number | null;
}

/** Words, as /api/v1/chat has them. */
export interface Message {
  uid: string;
  at: string;
  from: string;
  author: string;
  speaker: string;
  partner: string | null;
  room: string;
  /** Whom it is said to; nobody means everybody in the room. */
  to: string[];
  text: string;
  context: string;
  groups: string[];
}

/** A drill that an administrator declared: every screen says so. */
export interface Drill {
  name: string;
  by: string;
  since: string;
}

/** A replay that somebody has the node play to TAK clients and pages; times in ISO 8601. */
export interface Played {
  name: string;
  context: string;
  from: string;
  to: string;
  at: string;
  speed: number;
  playing: boolean;
  by: string;
  clients: number;
  whole: boolean;
}

/** What is no track, told when it happens. `partners`: ask for them again; `missed`: too much of it waited, ask the lists again. */
export type News =
  | { t: 'alert'; alert: Alert }
  | { t: 'log'; entry: Entry }
  | { t: 'chat'; message: Message }
  | { t: 'drill'; drill: Drill | null }
  | { t: 'played'; replay: Played | null }
  | { t: 'partners' }
  | { t: 'missed' };

export interface Hello {
  t: 'hello';
  v: number;
  now: number;
  node: { id: string; name: string; nation: string };
  user: User;
  contexts: string[];
}

/** What the next burst is about: everything there is, or what changed since. */
export interface Begin {
  t: 'snapshot' | 'resume';
  epoch: string;
  context: string;
  view: string;
}

export type Frame =
  | Hello
  | Begin
  | { t: 'gone'; tracks: [number, string][] }
  | { t: 'meta'; tracks: Meta[] }
  | { t: 'state'; tracks: [number, string][] }
  | { t: 'ready'; seq: number; now: number }
  | { t: 'clock'; now: number }
  | ({ t: 'replay' } & Moment)
  | { t: 'refused'; why: string }
  | News;

const NEWS = new Set(['alert', 'log', 'chat', 'drill', 'played', 'partners', 'missed']);
const KNOWN = new Set(['hello', 'snapshot', 'resume', 'gone', 'meta', 'state', 'ready', 'clock', 'replay', 'refused', ...NEWS]);

export function isNews(frame: Frame): frame is News {
  return NEWS.has(frame.t);
}

/** A text frame as a value; the name of its kind where that is not known here. */
export function readText(text: string): Frame | string {
  const frame = JSON.parse(text) as { t?: unknown };
  return typeof frame.t === 'string' && KNOWN.has(frame.t) ? (frame as Frame) : String(frame.t);
}

/** Positions of many tracks at one time, in columns as they came. */
export interface Positions {
  t: 'TRK1';
  time: number;
  index: Uint32Array;
  lon: Int32Array;
  lat: Int32Array;
  course: Uint16Array;
  speed: Uint16Array;
}

/** How many seconds before `time` tracks were where TRK1 says. */
export interface Ages {
  t: 'AGE1';
  time: number;
  index: Uint32Array;
  seconds: Uint32Array;
}

/** Stands for a course or a speed that is not known. */
export const UNKNOWN = 0xffff;
/** Stands in both columns for a track that says no place any more. */
export const NO_PLACE = -0x80000000;
export const DEGREE = 1e7; // of lon and lat
export const CENTI = 100; // of course (degrees) and speed (m/s)

const HEAD = 16;
const BYTES_EACH = { TRK1: 16, AGE1: 8 } as const;

function letters(view: DataView): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((at) => view.getUint8(at)));
}

/** A binary frame as columns, or its four letters where those are not known. RangeError for what is cut off. */
export function readColumns(buffer: ArrayBuffer): Positions | Ages | string {
  const view = new DataView(buffer);
  const kind = letters(view);
  if (kind !== 'TRK1' && kind !== 'AGE1') return kind;
  const n = view.getUint32(4, true);
  const time = view.getFloat64(8, true);
  if (buffer.byteLength !== HEAD + BYTES_EACH[kind] * n) throw new RangeError(`${kind} of another length`);
  const at = (bytes: number) => HEAD + bytes * n;
  const index = new Uint32Array(buffer, at(0), n);
  if (kind === 'AGE1') return { t: kind, time, index, seconds: new Uint32Array(buffer, at(4), n) };
  return {
    t: kind,
    time,
    index,
    lon: new Int32Array(buffer, at(4), n),
    lat: new Int32Array(buffer, at(8), n),
    course: new Uint16Array(buffer, at(12), n),
    speed: new Uint16Array(buffer, at(14), n),
  };
}
