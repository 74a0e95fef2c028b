/** What the page asks by HTTP: who is signed in, and one track's story. */
import type { Meta, User } from '../picture/frames';

/** An answer that is not what was asked for (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** Seconds to wait, where the node says so. */
    readonly retryAfter: number | null = null,
    /** What was typed and is wrong, where the node says so; and what it can mean, of which one is to be chosen. */
    readonly parameter = '',
    readonly choices: readonly string[] = [],
  ) {
    super(message);
  }
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** What the node answers; undefined where that is nothing. Problem where it is not what was asked for. */
export async function asked(path: string, init: RequestInit = {}): Promise<unknown> {
  const answer = await fetch(`/api/v1/${path}`, { credentials: 'same-origin', cache: 'no-store', ...init });
  if (answer.status === 204) return undefined;
  const said: unknown = await answer.json().catch(() => undefined);
  if (answer.ok) return said;
  const { detail, parameter, choices } = (said ?? {}) as { detail?: unknown; parameter?: string; choices?: string[] };
  const wait = Number(answer.headers.get('Retry-After'));
  throw new Problem(answer.status, typeof detail === 'string' ? detail : answer.statusText, wait || null, parameter, choices);
}

/** Changes something on the node. */
export function sent(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body: object): Promise<unknown> {
  return asked(path, { method, headers: JSON_TYPE, body: JSON.stringify(body) });
}

/** Who is signed in; null where nobody is. */
export async function whoAmI(): Promise<User | null> {
  try {
    return ((await asked('session')) as { user: User }).user;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

export async function signIn(name: string, password: string): Promise<User> {
  const body = JSON.stringify({ name, password });
  return ((await asked('session', { method: 'POST', headers: JSON_TYPE, body })) as { user: User }).user;
}

/** What the provider is called by which one can sign in instead; null where there is none. */
export async function signInElsewhere(): Promise<string | null> {
  return ((await asked('openid')) as { title: string | null }).title;
}

export async function signOut(): Promise<void> {
  await asked('session', { method: 'DELETE', headers: JSON_TYPE });
}

/** What one source says of a track: what the stream says, and more (docs/reference/api.md). */
export interface Claim extends Omit<Meta, 'i' | 'claims'> {
  callsign: string | null;
  mmsi: number | string | null;
  imo: number | string | null;
  icao: string | null;
  position: {
    lat: number;
    lon: number;
    precision: number | null;
    course: number | null;
    speed: number | null;
  } | null;
  time: string;
  received: string;
  mark: string | null;
  mark_in_words: string | null;
  age_s: number;
  over: string[];
  raw: { form: string; text?: string; base64?: string } | null;
}

/** A time of the ledger, and what was written there. */
export interface Line {
  time?: string;
  form?: string;
  clause?: string;
  reason?: string;
}

/** The story of one object, as `accord why --json` tells it. */
export interface Story {
  heard: { node: string; channel: string; speaker: string; hops: string[]; into: string[]; reports: number; since: string }[];
  partners: {
    partner: string;
    agreements: { id: string; serial: number; state: string; faults: string[] }[];
    has_it: boolean;
    last_release: Line | null;
    last_refusal: Line | null;
    recall: Line | null;
  }[];
  others: string[];
  complete: boolean;
}

export function pathOf(uid: string, context: string, more = ''): string {
  // A uid may have slashes, which stay; all else is encoded.
  const path = uid.split('/').map(encodeURIComponent).join('/');
  return `tracks/${path}${more}?context=${encodeURIComponent(context)}`;
}

/** Everything that is known of one track; the claim that is shown comes first. */
export async function claimsOf(uid: string, context: string): Promise<Claim[]> {
  return ((await asked(pathOf(uid, context))) as { claims: Claim[] }).claims;
}

/** Why I see it, and who else does. */
export function why(uid: string, context: string): Promise<Story> {
  return asked(pathOf(uid, context, '/why')) as Promise<Story>;
}
