/** The drill that is on, as every screen says it. */
import { beginDrill, drillNow, endDrill } from '../net/tools';
import type { Drill } from '../picture/frames';
import type { Watch } from './watch.svelte';
import { whyNot } from './why-not';

export class DrillMark {
  now = $state.raw<Drill | null>(null);
  fault = $state('');
  isOpen = $state(false);

  constructor(watch: Watch) {
    watch.onOpened(() => void this.refresh());
    watch.onNews((news) => {
      if (news.t === 'drill') this.now = news.drill;
      if (news.t === 'missed') void this.refresh();
    });
  }

  async refresh(): Promise<void> {
    // What was on stays shown while the node does not answer.
    this.now = await drillNow().catch(() => this.now);
  }

  async begin(name: string): Promise<boolean> {
    return this.#do(() => beginDrill(name));
  }

  async end(): Promise<boolean> {
    return this.#do(endDrill);
  }

  async #do(what: () => Promise<unknown>): Promise<boolean> {
    this.fault = '';
    try {
      await what();
      await this.refresh();
    } catch (error) {
      this.fault = whyNot(error);
    }
    return this.fault === '';
  }
}
