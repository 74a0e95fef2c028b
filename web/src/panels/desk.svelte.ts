/** What needs attention and what was noted, as the node tells it, and what the officer does about it. */
import { Problem } from '../net/rest';
import { acknowledge, alertsNow, logNow, namesOfPeople, note, offer, take } from '../net/watch';
import { type Alert, type Entry, folded, heard, inOrder, NO_SILENCE, rising, silenced, untold, waiting, waits, withAlert, withEntry } from '../picture/alerts';
import type { News } from '../picture/frames';
import { plainName } from '../picture/text';
import { say } from '../words/words';
import { draft, keepDraft } from './kept';
import { Sound } from './sound';
import type { Watch } from './watch.svelte';

/** Alerts that are spoken at one time; of more, the number. */
const MOST_SPOKEN = 3;

/** Milliseconds after which the lists are asked for again where that failed. */
const ASK_AGAIN = 5000;

export class Desk {
  alerts = $state.raw<Alert[]>([]);
  entries = $state.raw<Entry[]>([]);
  /** Why the node cannot write its log; empty while it can. */
  trouble = $state('');
  /** What watch rules name that the node has none of. */
  rules = $state<string[]>([]);
  /** Why what was asked for last was not done. */
  fault = $state('');
  /** Why the note was not written; what was typed stays. */
  noteFault = $state('');
  isLogOpen = $state(false);
  isSheetOpen = $state(false);
  isReadinessOpen = $state(false);
  people = $state.raw<string[]>([]);
  typed = $state('');
  isSoundBlocked = $state(false);
  /** What is read aloud by a screen reader: alarms at once, the rest when there is time. */
  spoken = $state({ now: '', later: '' });
  silence = $state.raw(NO_SILENCE);
  readonly folds = $derived(folded(this.alerts));
  readonly waiting = $derived(waiting(this.alerts));
  readonly #watch: Watch;
  readonly #sound = new Sound();
  #told: ReadonlySet<string> = new Set();
  #asking = 0;
  #meanwhile: News[] = [];
  #retry = 0;

  constructor(watch: Watch) {
    this.#watch = watch;
    this.typed = draft('note');
    watch.onNews((news) => this.#hear(news));
    watch.onOpened(() => void this.ask());
  }

  /** What is to be heard now. */
  get sounds(): 'alarm' | 'warning' | null {
    return this.#watch.user === null ? null : heard(this.alerts, this.silence, this.#watch.now);
  }

  get mayAct(): boolean {
    return this.#watch.user !== null && this.#watch.user.role !== 'viewer';
  }

  /** Asks for everything; what is told meanwhile is applied to the answer, and told twice changes nothing. */
  async ask(): Promise<void> {
    const asking = ++this.#asking;
    this.#meanwhile = [];
    window.clearTimeout(this.#retry);
    try {
      const [{ alerts, trouble, rules }, entries] = await Promise.all([alertsNow(), logNow()]);
      if (asking !== this.#asking) return;
      this.alerts = inOrder(alerts);
      this.entries = entries;
      this.trouble = trouble;
      this.rules = rules;
      this.#meanwhile.forEach((news) => this.#apply(news));
      this.#tell();
    } catch (error) {
      if (asking === this.#asking && !isSignedOut(error)) this.#retry = window.setTimeout(() => void this.ask(), ASK_AGAIN);
    }
  }

  #hear(news: News): void {
    if (news.t === 'missed') return void this.ask();
    this.#meanwhile.push(news);
    if (this.#meanwhile.length > 1000) this.#meanwhile.shift();
    this.#apply(news);
    this.#tell();
  }

  #apply(news: News): void {
    if (news.t === 'alert') this.alerts = withAlert(this.alerts, news.alert);
    if (news.t === 'log') this.entries = withEntry(this.entries, news.entry);
  }

  #tell(): void {
    const fresh = untold(this.alerts, this.#told);
    this.#told = new Set([...this.alerts.filter((each) => this.#told.has(rising(each))), ...fresh].map(rising));
    const alarms = fresh.filter((each) => each.priority === 'alarm');
    if (alarms.length) this.spoken.now = spell(alarms);
    const others = fresh.filter((each) => each.priority !== 'alarm');
    if (others.length) this.spoken.later = spell(others);
  }

  /** Lets sound what is to be heard; called again and again. */
  beep(): void {
    this.#sound.play(this.sounds);
    this.isSoundBlocked = this.#sound.isBlocked;
  }

  /** Somebody has touched the page: a browser lets nothing sound before. */
  touched(): void {
    this.#sound.unblock();
  }

  /** No sound for a while; what arises meanwhile sounds all the same. */
  hush(): void {
    this.silence = silenced(this.alerts, this.#watch.now);
    this.beep();
  }

  acknowledge(alerts: readonly Alert[], quietMinutes = 0): Promise<void> {
    return this.#do(() => Promise.all(alerts.map((each) => acknowledge(each.number, quietMinutes))));
  }

  /** Acknowledges what needs attention most. */
  acknowledgeTop(): void {
    const top = this.alerts[0];
    if (this.mayAct && top !== undefined && waits(top)) void this.acknowledge([top]);
  }

  take(alert: Alert): Promise<void> {
    return this.#do(() => take(alert.number));
  }

  offer(alert: Alert, to: string): Promise<void> {
    return this.#do(() => offer(alert.number, to));
  }

  async askPeople(): Promise<void> {
    this.people = await namesOfPeople().catch(() => []);
  }

  async #do(what: () => Promise<unknown>): Promise<void> {
    try {
      await what();
      this.fault = '';
    } catch (error) {
      this.fault = whyNot(error);
      if (error instanceof Problem && error.status === 404) void this.ask();
    }
  }

  type(text: string): void {
    this.typed = text;
    keepDraft('note', text);
  }

  /** Writes what was typed into the log; it is let go of only when the node has it. */
  async note(uids: string[]): Promise<void> {
    const text = this.typed;
    if (text.trim() === '') return;
    try {
      await note(text, uids, this.#watch.context);
      this.noteFault = '';
      if (this.typed === text) this.type('');
    } catch (error) {
      this.noteFault = whyNot(error);
    }
  }
}

function isSignedOut(error: unknown): boolean {
  return error instanceof Problem && error.status === 401;
}

function whyNot(error: unknown): string {
  return error instanceof Problem ? error.message : say('signin.unreachable');
}

function spell(alerts: readonly Alert[]): string {
  const first = alerts.slice(0, MOST_SPOKEN).map((each) => `${say(`priority.${each.priority}`)}: ${plainName(each.text, 200)}`);
  const more = alerts.length - first.length;
  return [...first, ...(more ? [say('alerts.more', { n: more })] : [])].join('. ');
}
