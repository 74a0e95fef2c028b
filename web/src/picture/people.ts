/** Who may sign in and connect, as an administrator is told of them (docs/reference/api.md). */

export type Way = 'in' | 'out' | 'both';
export type Groups = Record<string, Way>;

export interface Person {
  name: string;
  role: string;
  groups: Groups;
}

export interface UserLine extends Person {
  last_sign_in: string | null;
  locked: string | null;
  sessions: number;
}

export interface ClientLine extends Person {
  revoked: string | null;
  certificates: number;
  ends: string | null;
  has_token: boolean;
}

export interface DatedLine {
  of: string;
  fingerprint: string;
  ends: string;
  warning: 'later' | '90 days' | '30 days' | '7 days' | 'ended';
  remedy: string;
}

export interface ActLine {
  number: number;
  at: string;
  who: string;
  via: string;
  from: string;
  what: string;
  whom: string;
  detail: string;
}

/** What a phone is to scan, told this once. */
export interface Token {
  name: string;
  token: string;
  until: string;
  scan: string;
  qr: string;
}

export const USER_ROLES = ['viewer', 'watch', 'administrator'] as const;
export const CLIENT_ROLES = ['member', 'read-only', 'administrator'] as const;

/** Groups as they are typed: `Blue, Red:out`. */
export function spellGroups(groups: Groups): string {
  return Object.keys(groups)
    .sort()
    .map((name) => (groups[name] === 'both' ? name : `${name}:${groups[name]}`))
    .join(', ');
}

/** Groups that were typed; null where a way is none of in, out and both, or no group is named. */
export function readGroups(text: string): Groups | null {
  const found: Groups = {};
  for (const part of text.split(',').map((each) => each.trim())) {
    if (part === '') continue;
    const at = part.lastIndexOf(':');
    const name = at < 0 ? part : part.slice(0, at).trim();
    const way = at < 0 ? 'both' : part.slice(at + 1).trim();
    if (name === '' || !(way === 'in' || way === 'out' || way === 'both')) return null;
    found[name] = way;
  }
  return Object.keys(found).length > 0 ? found : null;
}
