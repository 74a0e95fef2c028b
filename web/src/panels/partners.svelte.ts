/** Partners as their links and agreements stand, and what an administrator does about them. */
import { agreementOf, agreementsHeld, callBack, type Back, type Held, type LedgerPage, ledgerOf, type LedgerQuery, partnersNow, pause, pausesNow, pictureOf, preview, type Previewed, type RecallTold, recallsOf, resume, verifyLedger } from '../net/partners';
import { Problem } from '../net/rest';
import { factsOf, type Feature, type Foreign, type LedgerLine, type Partner, type Stopped, storeOf } from '../picture/partners';
import { draft, keepDraft } from './kept';
import type { Watch } from './watch.svelte';
import { whyNot } from './why-not';

/** Milliseconds after which the list is asked for again where that failed. */
const ASK_AGAIN = 5000;

/** Lines of a ledger that are held at one time; for more one narrows what is asked. */
export const MOST_LINES = 1000;

/** What is to be confirmed before it is done. */
export type Act =
  | { act: 'pause' | 'resume'; partner: string; id: string; serial: number }
  | { act: 'recall'; partner: string; what: Back; label: string };

export class Partners {
  list = $state.raw<Partner[]>([]);
  /** What stands still now: told on every screen for as long as it does. */
  pauses = $state.raw<Stopped[]>([]);
  /** When that was, by the node's clock; empty while nothing was heard. */
  at = $state('');
  fault = $state('');
  /** What was done last, or why it was not. */
  said = $state('');
  /** What somebody is asked to confirm; null: nothing. */
  asking = $state.raw<Act | null>(null);
  recalls = $state.raw<Record<string, { recalls: RecallTold[]; more: number }>>({});
  /** Whose ledger is open; null: none is. */
  ledgerOf = $state<string | null>(null);
  page = $state.raw<LedgerPage | null>(null);
  lines = $state.raw<LedgerLine[]>([]);
  query = $state<LedgerQuery>({ from: '', kind: '', clause: '', uid: '', cursor: '' });
  ledgerFault = $state('');
  isReading = $state(false);
  /** Whether the node was asked to verify it and has not been read since. */
  isVerifying = $state(false);
  /** Whether an agreement can be tried on what was heard lately. */
  isTrying = $state(false);
  held = $state.raw<Held[]>([]);
  text = $state('');
  tried = $state.raw<Previewed | null>(null);
  tryFault = $state('');
  isBusy = $state(false);
  isLooking = $state(false);
  readonly #watch: Watch;
  #turn = 0;
  #retry = 0;
  #pausesTurn = 0;
  #readTurn = 0;
  readonly #recallTurns: Record<string, number> = {};
  #pausesRetry = 0;
  #isStale = true;
  #who = '';

  constructor(watch: Watch) {
    this.#watch = watch;
    this.text = draft('trial');
    watch.onNews((news) => {
      if (news.t === 'partners' || news.t === 'missed') this.#changed();
    });
    watch.onOpened(() => this.#opened());
  }

  get isOpen(): boolean {
    return this.#watch.panel === 'partners';
  }

  get mayAct(): boolean {
    return this.#watch.user?.role === 'administrator' && !this.#watch.time.isReplay;
  }

  /** The page is connected: where somebody else has signed in, nothing is left of who was there before. */
  #opened(): void {
    const who = this.#watch.user?.name ?? '';
    if (who !== this.#who && this.#who !== '') this.#forget();
    this.#who = who;
    this.#changed();
  }

  #forget(): void {
    this.pauses = [];
    [this.list, this.at, this.said, this.recalls, this.asking] = [[], '', '', {}, null];
    [this.ledgerOf, this.page, this.lines] = [null, null, []];
    [this.isTrying, this.held, this.text, this.tried] = [false, [], '', null];
    if (this.#watch.foreign !== null) this.#watch.show(null);
  }

  #changed(): void {
    this.#isStale = true;
    void this.#askPauses();
    if (this.isOpen) void this.ask();
    // An answer on its way may have been written before the news, and then tells of what has ended since.
    if (this.ledgerOf !== null && (this.page?.verifying || this.isVerifying)) void this.read(false);
  }

  async #askPauses(): Promise<void> {
    window.clearTimeout(this.#pausesRetry);
    const turn = ++this.#pausesTurn;
    try {
      const told = await pausesNow();
      if (turn === this.#pausesTurn) this.pauses = told;
    } catch (error) {
      // What stood before stays on the screen: nobody is to think that it was ended.
      if (turn === this.#pausesTurn && !isSignedOut(error)) this.#pausesRetry = window.setTimeout(() => void this.#askPauses(), ASK_AGAIN);
    }
  }

  /** The panel is on the screen: what was missed meanwhile is asked for. */
  opened(): void {
    if (this.#isStale) void this.ask();
  }

  async ask(): Promise<void> {
    const turn = ++this.#turn;
    window.clearTimeout(this.#retry);
    try {
      const { at, partners } = await partnersNow();
      if (turn !== this.#turn) return;
      [this.at, this.list, this.fault, this.#isStale] = [at, partners, '', false];
      if (this.mayAct) for (const each of partners) if (this.recalls[each.node] || each.recalls_waiting) void this.askRecalls(each.node);
    } catch (error) {
      if (turn !== this.#turn || isSignedOut(error)) return;
      this.fault = whyNot(error);
      this.#retry = window.setTimeout(() => this.isOpen && void this.ask(), ASK_AGAIN);
    }
  }

  async askRecalls(node: string): Promise<void> {
    try {
      // What is awaited first: an effect that asks must not depend on what it asks for.
      const turn = (this.#recallTurns[node] ?? 0) + 1;
      this.#recallTurns[node] = turn;
      const told = await recallsOf(node);
      if (turn !== this.#recallTurns[node]) return;
      this.recalls = { ...this.recalls, [node]: told };
    } catch (error) {
      this.said = whyNot(error);
    }
  }

  /** Shows on the map, and in the list, what a partner could see at a moment; now where that is null. */
  async look(node: string, at: string | null): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      const seen = await pictureOf(node, this.#watch.context, at);
      const lacks = [
        { why: 'hidden', count: seen.hidden },
        { why: 'left', count: seen.left_out },
        { why: 'elsewhere', count: seen.elsewhere },
        { why: 'gone', count: seen.gone.reduce((sum, each) => sum + each.count, 0) },
        { why: 'recalled', count: seen.recalled },
      ].filter((each) => each.count > 0);
      this.#show({ kind: 'partner', partner: seen.partner, at: seen.at, since: seen.since, lacks }, seen.features);
      this.said = '';
    } catch (error) {
      this.said = whyNot(error);
    } finally {
      this.isLooking = false;
    }
  }

  #show(about: Omit<Foreign, 'store' | 'facts'>, features: readonly Feature[]): void {
    const store = storeOf(features, Date.parse(about.at));
    this.#watch.show({ ...about, store, facts: factsOf(features) });
  }

  /** Does what was asked, now that it is confirmed; `reason` stands in the ledgers. */
  async confirm(reason: string): Promise<void> {
    const asked = this.asking;
    if (asked === null || this.isBusy) return;
    this.isBusy = true;
    try {
      if (asked.act === 'recall') await callBack(asked.partner, asked.what, reason);
      else if (asked.act === 'pause') await pause(asked.id, reason);
      else await resume(asked.id);
      [this.asking, this.said] = [null, ''];
      keepDraft('reason', ''); // not where it failed: it is there when one tries again
      if (asked.act === 'recall') await this.askRecalls(asked.partner);
    } catch (error) {
      [this.asking, this.said] = [null, whyNot(error)];
    } finally {
      this.isBusy = false;
    }
    void this.ask();
  }

  // The ledger.

  openLedger(node: string, narrowed: Partial<LedgerQuery> = {}): void {
    this.ledgerOf = node;
    this.query = { from: '', kind: '', clause: '', uid: '', cursor: '', ...narrowed };
    [this.page, this.lines] = [null, []];
    void this.read(false);
  }

  /** Asks for lines: from the newest on, or for more than there are. */
  async read(isMore: boolean): Promise<void> {
    const node = this.ledgerOf;
    if (node === null) return;
    const cursor = isMore ? (this.page?.next ?? '') : '';
    const from = this.query.from === '' ? '' : new Date(`${this.query.from}Z`).toISOString();
    const turn = ++this.#readTurn;
    this.isReading = true;
    try {
      const page = await ledgerOf(node, { ...this.query, from, cursor });
      if (turn !== this.#readTurn || this.ledgerOf !== node) return;
      this.lines = (isMore ? [...this.lines, ...page.lines] : page.lines).slice(0, MOST_LINES);
      [this.page, this.ledgerFault] = [page, ''];
    } catch (error) {
      if (turn === this.#readTurn) this.ledgerFault = whyNot(error);
    } finally {
      if (turn === this.#readTurn) this.isReading = false;
    }
  }

  async verify(): Promise<void> {
    if (this.ledgerOf === null) return;
    this.isVerifying = true;
    try {
      await verifyLedger(this.ledgerOf);
      await this.read(false);
    } catch (error) {
      this.ledgerFault = whyNot(error);
    } finally {
      this.isVerifying = false;
    }
  }

  // Trying an agreement.

  async openTrial(id = ''): Promise<void> {
    this.isTrying = true;
    try {
      this.held = await agreementsHeld();
      if (id) await this.takeText(id);
      this.tryFault = '';
    } catch (error) {
      this.tryFault = whyNot(error);
    }
  }

  /** Takes the text of an agreement that the node holds, to be changed and tried. */
  async takeText(id: string): Promise<void> {
    try {
      this.type((await agreementOf(id)).text ?? '');
      [this.tried, this.tryFault] = [null, ''];
    } catch (error) {
      this.tryFault = whyNot(error);
    }
  }

  /** What is typed as a text outlives a reload. */
  type(text: string): void {
    this.text = text;
    keepDraft('trial', text);
  }

  async try(partner: string, hours: number): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      [this.tried, this.tryFault] = [await preview(this.text, partner, hours), ''];
    } catch (error) {
      [this.tried, this.tryFault] = [null, whyNot(error)];
    } finally {
      this.isBusy = false;
    }
  }

  /** Shows on the map what the text would have let out. */
  showTried(): void {
    if (!this.tried?.ok) return;
    const { sample, partner, until } = this.tried;
    const lacks = sample.left_out ? [{ why: 'left', count: sample.left_out }] : [];
    this.#show({ kind: 'preview', partner, at: until, since: null, lacks }, sample.features);
    this.isTrying = false;
  }
}

function isSignedOut(error: unknown): boolean {
  return error instanceof Problem && error.status === 401;
}
