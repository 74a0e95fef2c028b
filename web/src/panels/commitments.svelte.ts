/** What people promised, and what it changes: the register, one statement of it, and the answers. */
import { addStatement, answersNow, askImpact, registerOn, sayOfClause, statementOn } from '../net/commitments';
import { type Answers, type Event, isWorking, type Register, type Statement } from '../picture/commitments';
import { say } from '../words/words';
import type { Watch } from './watch.svelte';
import { whyNot } from './why-not';

/** Milliseconds between two looks at an answer that is being made: nothing tells of it. */
const LOOK_EVERY = 1500;

export class Commitments {
  isOpen = $state(false);
  /** The day as of which it is told; empty is today. */
  day = $state('');
  register = $state.raw<Register | null>(null);
  statement = $state.raw<Statement | null>(null);
  /** Null where this node answers nothing of the kind. */
  answers = $state.raw<Answers | null>(null);
  fault = $state('');
  /** What was done last, or why it was not. */
  told = $state('');
  isBusy = $state(false);
  readonly #watch: Watch;
  #turn = 0;
  #looking = 0;

  constructor(watch: Watch) {
    this.#watch = watch;
  }

  /** What is looked at in a replay is said nothing of: that would be said now. */
  get mayAct(): boolean {
    const { user, time } = this.#watch;
    return user !== null && user.role !== 'viewer' && !time.isReplay;
  }

  /** Asks for everything that is shown. */
  async ask(): Promise<void> {
    const turn = ++this.#turn;
    const open = this.statement?.id;
    try {
      const [register, statement, answers] = await Promise.all([
        registerOn(this.day),
        open === undefined ? null : statementOn(open, this.day),
        answersNow(),
      ]);
      if (turn !== this.#turn) return;
      [this.register, this.statement, this.answers, this.fault] = [register, statement, answers, ''];
      this.#lookAgain();
    } catch (error) {
      if (turn === this.#turn) [this.register, this.statement, this.answers, this.fault] = [null, null, null, whyNot(error)];
    }
  }

  async open(id: string): Promise<void> {
    try {
      [this.statement, this.told] = [await statementOn(id, this.day), ''];
    } catch (error) {
      this.told = whyNot(error);
    }
  }

  /** Does what changes something, says what came of it, and shows how it stands now. */
  async #change(what: () => Promise<string>): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      const told = await what();
      await this.ask();
      this.told = told;
    } catch (error) {
      this.told = whyNot(error);
    }
    this.isBusy = false;
  }

  note(clause: number, event: Event, day: string, text: string): Promise<void> {
    const id = this.statement?.id;
    return this.#change(async () => {
      if (id === undefined) return '';
      await sayOfClause(id, clause, event, day, text);
      return say('commitments.noted', { id: `${id}.${clause}`, what: say(`event.${event}`) });
    });
  }

  add(text: string): Promise<void> {
    return this.#change(async () => {
      const { id, clauses } = await addStatement(text);
      this.statement = await statementOn(id, this.day);
      return say('commitments.added', { id, n: clauses });
    });
  }

  askImpact(commitments: readonly string[], source: string, baseline: string): Promise<void> {
    return this.#change(async () => {
      await askImpact(commitments, source, baseline);
      return say('impact.asked');
    });
  }

  /** Looks again after a while, for as long as an answer is being made and somebody looks on. */
  #lookAgain(): void {
    window.clearTimeout(this.#looking);
    if (this.isOpen && isWorking(this.answers)) this.#looking = window.setTimeout(() => void this.#look(), LOOK_EVERY);
  }

  async #look(): Promise<void> {
    try {
      this.answers = await answersNow();
    } catch (error) {
      this.told = whyNot(error);
    }
    this.#lookAgain();
  }
}
