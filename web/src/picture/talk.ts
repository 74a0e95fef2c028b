/** Words, sorted into talks: rooms that everybody hears, and talks between two. */
import type { Message } from './frames';

/** The room that TAK clients call so. */
export const EVERYBODY = 'All Chat Rooms';

/** Messages held; beyond, the oldest go. */
export const MOST_MESSAGES = 1000;
/** Talks listed; beyond, those spoken in longest ago are left out. */
export const MOST_TALKS = 100;

/** Where something can be said: a room, or to the uid of one person. */
export interface Place {
  key: string;
  /** The room, or the callsign of the person. */
  name: string;
  /** The person's uid; empty for a room. */
  to: string;
}

export interface Talk extends Place {
  unread: number;
  /** When something was last said; empty: never. */
  last: string;
}

/** Until when each talk is read, by context and key. */
export type Read = Readonly<Record<string, string>>;

export function roomPlace(name: string): Place {
  return { key: `room:${name}`, name, to: '' };
}

export function personPlace(uid: string, name: string): Place {
  return { key: `to:${uid}`, name, to: uid };
}

export const TO_ALL = roomPlace(EVERYBODY);

export function isOwn(message: Message, self: string): boolean {
  return message.partner === null && message.author === self;
}

/** The talk that words belong to. What was said to several is answered to whoever said it, not to all. */
export function placeOf(message: Message, self: string): Place {
  const { to, room, from, author } = message;
  if (to.length === 0) return roomPlace(room || EVERYBODY);
  if (isOwn(message, self)) return personPlace(to[0]!, room || to[0]!);
  return personPlace(author || from, from || author);
}

/** The name of a talk among those of every context. */
export function readKey(context: string, key: string): string {
  return `${context}|${key}`;
}

function isUnread(message: Message, self: string, read: Read): boolean {
  if (isOwn(message, self)) return false;
  return message.at > (read[readKey(message.context, placeOf(message, self).key)] ?? '');
}

/** What is held with what is new, each once, oldest first. */
export function merged(held: readonly Message[], fresh: readonly Message[]): Message[] {
  const byUid = new Map([...held, ...fresh].map((each) => [each.uid, each]));
  const all = [...byUid.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return all.slice(-MOST_MESSAGES);
}

/** The talks of a context: everybody's room first, then the one last spoken in. */
export function talksOf(messages: readonly Message[], self: string, context: string, read: Read, open: Place): Talk[] {
  const talks = new Map<string, Talk>([[TO_ALL.key, { ...TO_ALL, unread: 0, last: '' }]]);
  for (const message of messages) {
    if (message.context !== context) continue;
    const place = placeOf(message, self);
    const talk = talks.get(place.key) ?? { ...place, unread: 0, last: '' };
    if (!isOwn(message, self)) talk.name = place.name;
    talk.last = message.at;
    talk.unread += Number(isUnread(message, self, read));
    talks.set(place.key, talk);
  }
  if (!talks.has(open.key)) talks.set(open.key, { ...open, unread: 0, last: '' });
  const first = (talk: Talk) => Number(talk.key !== TO_ALL.key);
  const sorted = [...talks.values()].sort((a, b) => first(a) - first(b) || (a.last > b.last ? -1 : a.last < b.last ? 1 : 0));
  const shown = sorted.slice(0, MOST_TALKS);
  return shown.some((each) => each.key === open.key) ? shown : [...shown.slice(0, -1), talks.get(open.key)!];
}

/** How much is unread in each context. */
export function unreadBy(messages: readonly Message[], self: string, read: Read): Map<string, number> {
  const counts = new Map<string, number>();
  for (const message of messages) {
    if (isUnread(message, self, read)) counts.set(message.context, (counts.get(message.context) ?? 0) + 1);
  }
  return counts;
}

/** What is said in one talk of a context, oldest first. */
export function linesOf(messages: readonly Message[], self: string, context: string, key: string): Message[] {
  return messages.filter((each) => each.context === context && placeOf(each, self).key === key);
}

/** Notes that a talk is read to its end; forgets the talks that are not held any more. */
export function readTo(read: Read, messages: readonly Message[], self: string, context: string, key: string): Read {
  const last = linesOf(messages, self, context, key).at(-1)?.at;
  const mine = readKey(context, key);
  if (last === undefined || (read[mine] ?? '') >= last) return read;
  const held = new Set(messages.map((each) => readKey(each.context, placeOf(each, self).key)));
  const kept = Object.entries(read).filter(([each]) => held.has(each));
  return { ...Object.fromEntries(kept), [mine]: last };
}
