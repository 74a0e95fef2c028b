/** The incidents of relief on the page: which there are, which one is worked on, and its alerts. */
import * as net from '../net/relief';
import type { Alert, Incident, IncidentHead, Known } from '../picture/relief';
import { headOf, placeOf, placesOf } from '../picture/relief';
import { areasOf } from '../picture/sar';
import { plainName } from '../picture/text';
import { sayOf } from '../words/words';
import { whyNot } from './why-not';
import type { Watch } from './watch.svelte';

/** Milliseconds between looks at the incidents while the panel is open: others work on them too. */
const LOOK_EVERY = 5000;

export class Relief {
  list = $state.raw<IncidentHead[]>([]);
  chosen = $state.raw<Incident | null>(null);
  alerts = $state.raw<Alert[]>([]);
  known = $state.raw<Known>({});
  fault = $state('');
  isBusy = $state(false);
  readonly #watch: Watch;
  #timer = 0;
  #turn = 0;

  constructor(watch: Watch) {
    this.#watch = watch;
  }

  /** The incidents of the context that is looked at; one that is live breaks through any other. */
  get open(): IncidentHead[] {
    const here = this.#watch.context;
    return this.list.filter((each) => !each.closed && (each.context === here || each.context === 'live'));
  }

  /** Begins to look, or stops. */
  look(isOpen: boolean): void {
    window.clearInterval(this.#timer);
    if (isOpen) {
      this.#timer = window.setInterval(() => void this.refresh(), LOOK_EVERY);
      void this.refresh();
      if (Object.keys(this.known).length === 0) void net.fieldsKnown().then((known) => (this.known = known), (error: unknown) => (this.fault = whyNot(error)));
    }
    this.show(isOpen);
  }

  async refresh(): Promise<void> {
    const [id, turn] = [this.chosen?.id, this.#turn];
    try {
      const list = await net.incidentsNow();
      const alerts = await net.alertsNow();
      const one = id === undefined ? null : await net.incidentNow(id);
      // What was done meanwhile is newer than this answer.
      if (turn !== this.#turn) return;
      [this.list, this.alerts] = [list, alerts];
      if (one !== null && one.log.length !== this.chosen?.log.length) this.#put(one);
    } catch (error) {
      if (turn === this.#turn) this.fault = whyNot(error);
    }
  }

  /** Works on an incident, null: on none. */
  async choose(id: string | null): Promise<void> {
    this.#turn++;
    this.chosen = null;
    this.fault = '';
    if (id !== null) await this.act(() => net.incidentNow(id));
    this.show(true);
  }

  /** Does what changes an incident, and shows how it stands then; tells whether it was done. */
  async act(what: () => Promise<Incident>): Promise<boolean> {
    return this.try(async () => {
      this.#put(await what());
      this.alerts = await net.alertsNow();
    });
  }

  /** Does something, and says why where it was not done. */
  async try(what: () => Promise<unknown>): Promise<boolean> {
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

  #put(one: Incident): void {
    this.chosen = one;
    this.list = [one, ...this.list.filter((each) => each.id !== one.id)].sort((a, b) => (a.opened < b.opened ? 1 : -1));
    this.show(true);
  }

  /** Shows the places of the incident on the map, or nothing of it. */
  show(isOpen: boolean): void {
    const one = isOpen ? this.chosen : null;
    const places = one === null ? [] : placesOf(one, (sort) => sayOf('relief.one', sort, 'relief.one.need'));
    const shown = places.map(({ at, text }) => ({ at, text: plainName(text, 80) }));
    const tasks = one === null ? [] : areasOf(headOf(one)?.fields['outline']?.value ?? '', plainName(one.fields['title'] ?? one.id, 60));
    this.#watch.chart?.showCase(one === null ? null : { cells: [], unlooked: new Set(), tasks, places: shown });
  }

  /** Brings the map to where it is. */
  centre(): void {
    const at = this.chosen === null ? null : (placeOf(headOf(this.chosen)?.fields['position']?.value) ?? placesOf(this.chosen, String)[0]?.at ?? null);
    if (at !== null) this.#watch.chart?.lookAt({ lat: at[0], lon: at[1], zoom: Math.max(9, this.#watch.chart.where().zoom) });
  }
}
