/** What the page says by HTTP, and asks about it: words, drawings, who is there. */
import type { Message } from '../picture/frames';
import { asked } from './rest';

/** Milliseconds after which an answer is not waited for any more: the node takes 20 s at most. */
const ANSWERS_WITHIN = 20_000;

/** Somebody who is there now. */
export interface Person {
  name: string;
  callsign: string;
  uid: string;
  /** The channel: `page` for a browser, else a TAK client's. */
  by: string;
  groups: string[];
}

export interface Words {
  text: string;
  room: string;
  /** The uid of one person; empty: everybody in the room. */
  to: string;
  context: string;
}

export interface Drawing {
  geometry: GeoJSON.Geometry;
  name: string;
  radius?: number;
  valid_minutes: number;
  groups: string[];
  context: string;
  /** Of the own drawing that it takes the place of. */
  uid?: string;
}

/** `sent` of rest.ts, but for how long it is waited. */
function said(method: 'POST' | 'DELETE', path: string, body: object): Promise<unknown> {
  const headers = { 'Content-Type': 'application/json' };
  return asked(path, { method, headers, body: JSON.stringify(body), signal: AbortSignal.timeout(ANSWERS_WITHIN) });
}

/** The words that are remembered, oldest first. */
export async function recentWords(): Promise<Message[]> {
  return ((await asked('chat')) as { messages: Message[] }).messages;
}

/** Says something; returns it as it was let in. */
export async function say(words: Words): Promise<Message> {
  return ((await said('POST', 'chat', words)) as { message: Message }).message;
}

export async function people(): Promise<Person[]> {
  return ((await asked('people')) as { people: Person[] }).people;
}

/** Puts something on the picture of all who hear it; returns its uid. */
export async function draw(drawing: Drawing): Promise<string> {
  return ((await said('POST', 'drawings', drawing)) as { uid: string }).uid;
}

/** Takes something from the picture of all. */
export async function erase(uid: string, context: string): Promise<void> {
  await said('DELETE', 'drawings', { uid, context });
}
