/** The cases of search and rescue on the page: which there are, which one is worked on, what was worked out of it. */
import * as net from '../net/sar';
import type { Case, CaseHead, Coverage, Drift, Helper, OnMap, Plan } from '../picture/sar';
import { tasksOf } from '../picture/sar';
import { plainName } from '../picture/text';
import { whyNot } from './why-not';
import type { Watch } from './watch.svelte';

/** Milliseconds between looks at the cases while the panel is open: others work on them too. */
const LOOK_EVERY = 5000;

export class Cases {
  list = $state.raw<CaseHead[]>([]);
  chosen = $state.raw<Case | null>(null);
  objects = $state.raw<{ key: string; name: string }[]>([]);
  drift = $state.raw<Drift | null>(null);
  plan = $state.raw<Plan | null>(null);
  coverage = $state.raw<Coverage | null>(null);
  helpers = $state.raw<Helper[]>([]);
  fault = $state('');
  isBusy = $state(false);
  /** Hours from now that the map shows. */
  ahead = $state(0);
  readonly #watch: Watch;
  #timer = 0;
  #turn = 0;

  constructor(watch: Watch) {
    this.#watch = watch;
  }

  /** The cases of the context that is looked at; one that is live breaks through any other. */
  get open(): CaseHead[] {
    const here = this.#watch.context;
    return this.list.filter((each) => !each.closed && (each.context === here || each.context === 'live'));
  }

  /** Begins to look, or stops. */
  look(isOpen: boolean): void {
    window.clearInterval(this.#timer);
    if (isOpen) {
      this.#timer = window.setInterval(() => void this.refresh(), LOOK_EVERY);
      void this.refresh();
      if (this.objects.length === 0) void this.#try(async () => (this.objects = await net.objectsKnown()));
    }
    this.show(isOpen);
  }

  async refresh(): Promise<void> {
    const [id, turn] = [this.chosen?.id, this.#turn];
    try {
      const list = await net.casesNow();
      const one = id === undefined ? null : await net.caseNow(id);
      // What was done meanwhile is newer than this answer.
      if (turn !== this.#turn) return;
      this.list = list;
      if (one !== null && one.log.length !== this.chosen?.log.length) this.#put(one);
    } catch (error) {
      if (turn === this.#turn) this.fault = whyNot(error);
    }
  }

  /** Works on a case, null: on none. */
  async choose(id: string | null): Promise<void> {
    this.#turn++;
    this.chosen = this.drift = this.plan = this.coverage = null;
    this.helpers = [];
    this.fault = '';
    if (id !== null) await this.act(() => net.caseNow(id));
    this.show(true);
  }

  /** Does what changes a case, and shows how it stands then; tells whether it was done. */
  async act(what: () => Promise<Case>): Promise<boolean> {
    return this.#try(async () => this.#put(await what()));
  }

  async #try(what: () => Promise<unknown>): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    this.#turn++;
    this.fault = '';
    try {
      await what();
      return true;
    } catch (error) {
      this.fault = whyNot(error);
      return false;
    } finally {
      this.isBusy = false;
    }
  }

  #put(one: Case): void {
    this.chosen = one;
    this.list = [one, ...this.list.filter((each) => each.id !== one.id)].sort((a, b) => (a.opened < b.opened ? 1 : -1));
    this.show(true);
  }

  /** Where it may be so many hours from now. */
  async askDrift(): Promise<void> {
    const id = this.chosen?.id;
    if (id === undefined) return;
    const at = new Date(this.#watch.now + this.ahead * 3_600_000).toISOString();
    await this.#try(async () => {
      this.drift = await net.driftAt(id, at);
      this.coverage = null;
    });
    this.show(true);
  }

  async askPlan(patterns: { [unit: string]: string }, keep: boolean): Promise<void> {
    const id = this.chosen?.id;
    if (id === undefined) return;
    await this.#try(async () => {
      this.plan = await net.planFor(id, patterns, keep);
      if (keep) this.#put(await net.caseNow(id));
    });
    this.show(true);
  }

  async askCoverage(): Promise<void> {
    const id = this.chosen?.id;
    if (id === undefined) return;
    await this.#try(async () => (this.coverage = await net.coverageNow(id)));
    this.show(true);
  }

  async askHelpers(): Promise<void> {
    const id = this.chosen?.id;
    if (id !== undefined) await this.#try(async () => (this.helpers = await net.helpersFor(id)));
  }

  /** Shows the case on the map, or nothing of it. */
  show(isOpen: boolean): void {
    this.#watch.chart?.showCase(isOpen ? this.#onMap() : null);
  }

  /** Brings the map to where it may be, or was last known to be. */
  centre(): void {
    const [lat, lon] = this.drift?.middle ?? this.#known;
    if (lat === undefined || lon === undefined) return;
    this.#watch.chart?.lookAt({ lon, lat, zoom: Math.max(9, this.#watch.chart.where().zoom) });
  }

  get #known(): number[] {
    return (this.chosen?.facts['position']?.value ?? '').split(',').filter(Boolean).slice(0, 2).map(Number);
  }

  #onMap(): OnMap | null {
    const one = this.chosen;
    if (one === null) return null;
    const [lat, lon] = this.#known;
    const places = one.log.flatMap((line) => (line.place && line.kind !== 'sent' ? [{ at: line.place, text: plainName(line.value.split('\n')[0]!, 40) }] : []));
    if (lat !== undefined && lon !== undefined) places.push({ at: [lat, lon], text: plainName(one.facts['title']?.value ?? one.id, 60) });
    return {
      cells: this.coverage?.cells ?? this.drift?.cells ?? [],
      unlooked: new Set(this.coverage?.unlooked ?? []),
      tasks: this.plan?.tasks ?? tasksOf(one.log),
      places,
    };
  }
}
