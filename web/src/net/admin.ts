/** What an administrator asks by HTTP, and changes (docs/reference/api.md, Administration). */
import type { ActLine, ClientLine, DatedLine, Groups, Token, UserLine } from '../picture/people';
import { asked, sent } from './rest';

const of = (kind: 'users' | 'clients', name: string, more = '') => `admin/${kind}/${encodeURIComponent(name)}${more}`;

export async function users(): Promise<UserLine[]> {
  return ((await asked('admin/users')) as { users: UserLine[] }).users;
}

export async function clients(): Promise<ClientLine[]> {
  return ((await asked('admin/clients')) as { clients: ClientLine[] }).clients;
}

export async function certificates(): Promise<DatedLine[]> {
  return ((await asked('admin/certificates')) as { certificates: DatedLine[] }).certificates;
}

export async function acts(before: number | null): Promise<{ acts: ActLine[]; next: number | null }> {
  return (await asked(`admin/acts${before === null ? '' : `?before=${before}`}`)) as { acts: ActLine[]; next: number | null };
}

export function addUser(name: string, role: string, groups: Groups): Promise<{ password: string }> {
  return sent('POST', 'admin/users', { name, role, groups }) as Promise<{ password: string }>;
}

export function addClient(name: string, role: string, groups: Groups): Promise<Token> {
  return sent('POST', 'admin/clients', { name, role, groups }) as Promise<Token>;
}

export function change(kind: 'users' | 'clients', name: string, role: string, groups: Groups): Promise<unknown> {
  return sent('PUT', of(kind, name), { role, groups });
}

export function newPassword(name: string): Promise<{ password: string }> {
  return sent('POST', of('users', name, '/password'), {}) as Promise<{ password: string }>;
}

export function lock(name: string, isLocked: boolean): Promise<unknown> {
  return sent('POST', of('users', name, isLocked ? '/lock' : '/unlock'), {});
}

export function removeUser(name: string): Promise<unknown> {
  return sent('DELETE', of('users', name), {});
}

export function revokeClient(name: string): Promise<unknown> {
  return sent('DELETE', of('clients', name), {});
}

export function newToken(name: string): Promise<Token> {
  return sent('POST', of('clients', name, '/token'), {}) as Promise<Token>;
}

export function withdrawToken(name: string): Promise<unknown> {
  return sent('DELETE', of('clients', name, '/token'), {});
}

export function revokeCertificate(fingerprint: string): Promise<unknown> {
  return sent('DELETE', `admin/certificates/${fingerprint}`, {});
}

/** Where a phone's owner is given what makes it trust this node. */
export function packageAt(name: string): string {
  return `/api/v1/${of('clients', name, '/package')}`;
}
