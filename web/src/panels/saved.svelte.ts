/** The views that somebody saved for himself; the node keeps them, so they are there at every browser. */
import { forgetView, type Saved, savedViews, saveView } from '../net/tools';
import { readView, written } from '../picture/saved';
import { plainName } from '../picture/text';
import { say } from '../words/words';
import type { Watch } from './watch.svelte';
import { whyNot } from './why-not';

/** Letters of a name. */
export const MOST_LETTERS = 60;

export class SavedList {
  all = $state.raw<Saved[]>([]);
  /** Why something was not saved, or not forgotten; empty where nothing failed. */
  fault = $state('');
  done = $state('');
  isBusy = $state(false);
  readonly #watch: Watch;

  constructor(watch: Watch) {
    this.#watch = watch;
    watch.onOpened(() => void this.refresh());
  }

  async refresh(): Promise<void> {
    try {
      this.all = await savedViews();
      this.fault = '';
    } catch (error) {
      this.fault = whyNot(error);
    }
  }

  /** Shows what was saved: what is looked for, where, on which charts. */
  open(saved: Saved): void {
    const { wanted, order, where, charts } = readView(saved.view);
    this.#watch.want(wanted);
    this.#watch.sort(order);
    this.#watch.charts.choose(charts);
    if (where) {
      this.#watch.isFollowing = false;
      this.#watch.chart?.lookAt(where);
    }
    this.done = say('view.opened', { name: plainName(saved.name, MOST_LETTERS) });
  }

  /** Shows the view with a number, counted from 1; nothing where there is none. */
  openNumber(number: number): void {
    const saved = this.all[number - 1];
    if (saved !== undefined) this.open(saved);
  }

  /** Saves what is looked for now; true when the node has it. */
  async save(name: string): Promise<boolean> {
    const { wanted, order, charts, chart } = this.#watch;
    const view = written({ wanted, order, where: chart?.where() ?? null, charts: [...charts.shown] });
    return this.#do(() => saveView(name, view), say('view.saved', { name: plainName(name, MOST_LETTERS) }));
  }

  forget(name: string): Promise<boolean> {
    return this.#do(() => forgetView(name), say('view.forgotten', { name: plainName(name, MOST_LETTERS) }));
  }

  async #do(what: () => Promise<unknown>, done: string): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    this.done = this.fault = '';
    try {
      await what();
      await this.refresh();
      this.done = done;
    } catch (error) {
      this.fault = whyNot(error);
    }
    this.isBusy = false;
    return this.fault === '';
  }
}
