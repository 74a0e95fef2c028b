/** The cases of search and rescue on the page: which there are, which one is worked on, what was worked out of it. */
import * as net from '../net/sar';
import { Problem } from '../net/rest';
import { type Refusal, refusal } from '../picture/case-form';
import type { Case, CaseHead, Coverage, CoverageRun, Drift, Drifting, Helper, LatLon, OnMap, Plan, SitRep } from '../picture/sar';
import { areasOf, tasksOf } from '../picture/sar';
import { plainName } from '../picture/text';
import { whyNot } from './why-not';
import type { Watch } from './watch.svelte';

/** Milliseconds between looks at the cases while the panel is open: others work on them too. */
const LOOK_EVERY = 5000;
/** Milliseconds between looks at what is being worked out. */
const RUN_EVERY = 300;
const GOING = new Set(['waiting', 'working']);

export class Cases {
  list = $state.raw<CaseHead[]>([]);
  chosen = $state.raw<Case | null>(null);
  objects = $state.raw<Drifting[]>([]);
  drift = $state.raw<Drift | null>(null);
  plan = $state.raw<Plan | null>(null);
  coverage = $state.raw<Coverage | null>(null);
  /** The coverage that is being worked out. */
  run = $state.raw<CoverageRun | null>(null);
  helpers = $state.raw<Helper[]>([]);
  /** The reports of the case, the oldest first. */
  reports = $state.raw<SitRep[]>([]);
  fault = $state('');
  /** What there is to know of what was just done. */
  notice = $state('');
  isBusy = $state(false);
  /** Since when it is busy, in milliseconds. */
  busySince = $state(0);
  /** What is to be printed, on a sheet of its own. */
  sheet = $state.raw<{ title: string; text: string } | null>(null);
  /** What was refused last. */
  #refused: unknown = null;
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
    return this.#here.filter((each) => !each.closed);
  }

  get closed(): CaseHead[] {
    return this.#here.filter((each) => each.closed);
  }

  get #here(): CaseHead[] {
    const here = this.#watch.context;
    return this.list.filter((each) => each.context === here || each.context === 'live');
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
    this.reports = [];
    this.fault = this.notice = '';
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
    this.busySince = this.#watch.now;
    this.#turn++;
    this.fault = this.notice = '';
    this.#refused = null;
    try {
      await what();
      return true;
    } catch (error) {
      this.#refused = error;
      this.fault = whyNot(error);
      return false;
    } finally {
      this.isBusy = false;
    }
  }

  /** What of a form was refused last. What one of its fields shows is not said above as well. */
  refusalOf(typed: { [name: string]: string }): Refusal {
    const error = this.#refused;
    if (!(error instanceof Problem)) return refusal('', '', [], {});
    const found = refusal(error.message, error.parameter, error.choices, typed);
    if (found.field !== '') this.fault = '';
    return { ...found, text: this.fault || whyNot(error) };
  }

  /** After a change that was refused: looks whether somebody else was first, which is shown and not said as a fault. */
  async lookWhoWasFirst(): Promise<void> {
    if (!(this.#refused instanceof Problem) || this.#refused.status !== 409) return;
    await this.refresh();
    this.fault = '';
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

  async askPlan(patterns: net.Typed, tracks: net.Typed, keep: boolean): Promise<void> {
    const id = this.chosen?.id;
    if (id === undefined) return;
    await this.#try(async () => {
      this.plan = await net.planFor(id, patterns, tracks, keep);
      if (keep) this.#put(await net.caseNow(id));
    });
    this.show(true);
  }

  async askCoverage(): Promise<void> {
    const id = this.chosen?.id;
    if (id === undefined) return;
    // Who may only look begins no run.
    const mayBegin = this.#watch.user?.role !== 'viewer';
    await this.#try(async () => {
      if (!mayBegin) this.coverage = await net.coverageNow(id);
      else await this.#follow(id);
    });
    this.run = null;
    this.show(true);
  }

  async #follow(id: string): Promise<void> {
    this.run = await net.beginCoverage(id);
    while (this.run !== null && GOING.has(this.run.state)) {
      await new Promise((done) => window.setTimeout(done, RUN_EVERY));
      this.run = this.chosen?.id === id ? await net.coverageRun(id, this.run.id) : null;
    }
    if (this.run?.state === 'failed') throw new Problem(409, this.run.trouble);
    if (this.run?.coverage) this.coverage = this.run.coverage;
  }

  /** Ends what is being worked out. */
  async endCoverage(): Promise<void> {
    const [id, run] = [this.chosen?.id, this.run?.id];
    if (id !== undefined && run !== undefined) await net.endCoverage(id, run).catch((error: unknown) => (this.fault = whyNot(error)));
  }

  async askHelpers(): Promise<void> {
    const id = this.chosen?.id;
    if (id !== undefined) await this.#try(async () => (this.helpers = await net.helpersFor(id)));
  }

  /** Looks which reports there are. */
  async lookReports(id: string): Promise<void> {
    try {
      const found = await net.reportsOf(id);
      if (this.chosen?.id === id) this.reports = found;
    } catch (error) {
      this.fault = whyNot(error);
    }
  }

  /** Keeps a report for a person to review; or lets go, as it reads now, the draft that he has read. */
  async putReport(text: string, to: string, draft: string | null): Promise<boolean> {
    const id = this.chosen?.id;
    if (id === undefined) return false;
    return this.#try(async () => {
      await (draft === null ? net.draftReport(id, to, text) : net.reviewReport(id, draft, text));
      this.#put(await net.caseNow(id));
      this.reports = await net.reportsOf(id);
    });
  }

  /** Shows the case on the map, or nothing of it. */
  show(isOpen: boolean): void {
    this.#watch.chart?.showCase(isOpen ? this.#onMap() : null);
  }

  /** Brings the map to where it may be, or was last known to be. */
  centre(): void {
    this.lookAt(this.drift?.middle ?? this.#known);
  }

  /** Brings the map to a place. */
  lookAt([lat, lon]: LatLon | number[]): void {
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
      tasks: [...(this.plan?.tasks ?? tasksOf(one.log)), ...areasOf(one.facts['area']?.value ?? '', plainName(one.facts['title']?.value ?? one.id, 60))],
      places,
    };
  }
}
