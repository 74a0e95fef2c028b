/** Who may sign in and connect, when certificates end, what was done: for administrators. */
import * as net from '../net/admin';
import type { ActLine, ClientLine, DatedLine, Groups, Token, UserLine } from '../picture/people';
import { say } from '../words/words';
import type { Watch } from './watch.svelte';
import { whyNot } from './why-not';

export type Kind = 'users' | 'clients';

export class Admin {
  isOpen = $state(false);
  users = $state.raw<UserLine[]>([]);
  clients = $state.raw<ClientLine[]>([]);
  certificates = $state.raw<DatedLine[]>([]);
  acts = $state.raw<ActLine[]>([]);
  /** The number before which older acts follow; null where there are none. */
  rest = $state<number | null>(null);
  /** What was done last, or why it was not. */
  told = $state('');
  /** A password or a token that is told this once. */
  password = $state('');
  token = $state.raw<Token | null>(null);
  /** What is to be confirmed: nobody is thrown out by one press. */
  asking = $state.raw<{ what: string; act: () => Promise<unknown> } | null>(null);
  isBusy = $state(false);
  readonly #watch: Watch;

  constructor(watch: Watch) {
    this.#watch = watch;
  }

  get mayAct(): boolean {
    return this.#watch.user?.role === 'administrator';
  }

  open(): void {
    if (this.mayAct) this.isOpen = true;
  }

  close(): void {
    [this.isOpen, this.password, this.token, this.asking, this.told] = [false, '', null, null, ''];
  }

  async ask(): Promise<void> {
    try {
      const [users, clients, certificates, acts] = await Promise.all([net.users(), net.clients(), net.certificates(), net.acts(null)]);
      [this.users, this.clients, this.certificates] = [users, clients, certificates];
      [this.acts, this.rest] = [acts.acts, acts.next];
    } catch (error) {
      this.told = whyNot(error);
    }
  }

  async older(): Promise<void> {
    try {
      const more = await net.acts(this.rest);
      [this.acts, this.rest] = [[...this.acts, ...more.acts], more.next];
    } catch (error) {
      this.told = whyNot(error);
    }
  }

  /** Does what changes something, says what came of it, and shows how it stands now. */
  async #do(told: string, what: () => Promise<unknown>): Promise<boolean> {
    if (this.isBusy) return false;
    [this.isBusy, this.password, this.token, this.asking] = [true, '', null, null];
    let isDone = true;
    try {
      await what();
      await this.ask();
      this.told = told;
    } catch (error) {
      [this.told, isDone] = [whyNot(error), false];
    }
    this.isBusy = false;
    return isDone;
  }

  add(kind: Kind, name: string, role: string, groups: Groups): Promise<boolean> {
    return this.#do(say('admin.added', { name }), async () => {
      if (kind === 'users') this.password = (await net.addUser(name, role, groups)).password;
      else this.token = await net.addClient(name, role, groups);
    });
  }

  change(kind: Kind, name: string, role: string, groups: Groups): Promise<boolean> {
    return this.#do(say('admin.changed', { name }), () => net.change(kind, name, role, groups));
  }

  newPassword(name: string): Promise<boolean> {
    return this.#do(say('admin.newpassword', { name }), async () => {
      this.password = (await net.newPassword(name)).password;
    });
  }

  newToken(name: string): Promise<boolean> {
    return this.#do(say('admin.newtoken', { name }), async () => {
      this.token = await net.newToken(name);
    });
  }

  withdraw(name: string): Promise<boolean> {
    return this.#do(say('admin.withdrawn', { name }), () => net.withdrawToken(name));
  }

  lock(name: string, isLocked: boolean): Promise<boolean> {
    return this.#do(say(isLocked ? 'admin.locked' : 'admin.unlocked', { name }), () => net.lock(name, isLocked));
  }

  throwOut(kind: Kind, name: string): void {
    const act = () => (kind === 'users' ? net.removeUser(name) : net.revokeClient(name));
    this.asking = { what: say(kind === 'users' ? 'admin.remove.what' : 'admin.revoke.what', { name }), act };
  }

  revoke(certificate: DatedLine): void {
    const what = say('admin.refuse.what', { name: certificate.of, mark: certificate.fingerprint.slice(0, 16) });
    this.asking = { what, act: () => net.revokeCertificate(certificate.fingerprint) };
  }

  confirm(): Promise<boolean> {
    const asking = this.asking;
    return asking === null ? Promise.resolve(false) : this.#do(say('admin.done'), asking.act);
  }
}
