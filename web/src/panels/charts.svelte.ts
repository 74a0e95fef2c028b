/** Which of the administrator's own charts lie under the tracks. */
import { type OwnChart, ownCharts } from '../net/tools';
import { keep, kept } from './kept';
import type { Watch } from './watch.svelte';
import { whyNot } from './why-not';

export class ChartList {
  all = $state.raw<OwnChart[]>([]);
  shown = $state.raw<ReadonlySet<string>>(new Set(kept<string[]>('charts') ?? []));
  fault = $state('');
  /** The charts that could not be read. */
  lacking = $state.raw<string[]>([]);
  readonly #watch: Watch;

  constructor(watch: Watch) {
    this.#watch = watch;
    watch.onOpened(() => void this.refresh());
  }

  async refresh(): Promise<void> {
    try {
      this.all = await ownCharts();
      this.fault = '';
    } catch (error) {
      this.fault = whyNot(error);
    }
    this.show();
  }

  choose(names: Iterable<string>): void {
    this.shown = new Set(names);
    keep('charts', [...this.shown]);
    this.show();
  }

  toggle(name: string): void {
    const next = new Set(this.shown);
    if (!next.delete(name)) next.add(name);
    this.choose(next);
  }

  /** Puts the chosen charts on the map. */
  show(): void {
    this.#watch.chart?.showCharts(this.all.filter((each) => this.shown.has(each.name)));
  }
}
