/** What is being drawn: typed or clicked, it is one text, kept until it is on the picture. */
import { claimsOf } from '../net/rest';
import { draw, erase } from '../net/said';
import { type LonLat, readPlaces } from '../picture/coordinate';
import type { Meta } from '../picture/frames';
import { cornersOf, faultOf, type Form, geometryOf, METRES_PER_MILE, outlineOf, type Sketch } from '../picture/drawing';
import { metresBetween, spelled } from '../picture/geo';
import { plainName } from '../picture/text';
import { say } from '../words/words';
import { draft, keepDraft } from './kept';
import { whyNot } from './why-not';
import type { Watch } from './watch.svelte';

/** For how many hours something drawn can be valid. */
export const HOURS = [1, 6, 12, 24, 72, 168];

interface Kept {
  form: Form;
  places: string;
  miles: string;
  name: string;
  hours: number;
  /** Of the drawing that this one takes the place of, empty for a new one; and what that is called. */
  uid: string;
  was: string;
}

/** A place without loss, as it can be read again: latitude first. */
function exactly(lon: number, lat: number): string {
  return `${lat.toFixed(7)} ${lon.toFixed(7)}`;
}

const BLANK: Kept = { form: 'area', places: '', miles: '', name: '', hours: 24, uid: '', was: '' };

function keptSketch(): Kept {
  try {
    return { ...BLANK, ...(JSON.parse(draft('sketch') || '{}') as Partial<Kept>) };
  } catch {
    return BLANK;
  }
}

export class Sketching {
  drawn = $state.raw<Kept>(keptSketch());
  /** Groups of his that it is not said into. */
  spared = $state.raw<ReadonlySet<string>>(new Set());
  /** Why it is not on the picture; empty while nobody has tried. */
  fault = $state('');
  /** What is on the picture now, or has gone from it. */
  done = $state('');
  isSending = $state(false);
  readonly #watch: Watch;

  constructor(watch: Watch) {
    this.#watch = watch;
  }

  get read(): { places: LonLat[]; faults: number[] } {
    return readPlaces(this.drawn.places);
  }

  get sketch(): Sketch {
    const { form, miles } = this.drawn;
    return { form, places: this.read.places, radius: Number(miles.replace(',', '.')) * METRES_PER_MILE };
  }

  /** The groups that the user speaks in. */
  get groups(): string[] {
    const groups = Object.entries(this.#watch.user?.groups ?? {});
    return groups.filter(([, direction]) => direction !== 'out').map(([group]) => group).sort();
  }

  change(more: Partial<Kept>): void {
    this.drawn = { ...this.drawn, ...more };
    this.fault = this.done = '';
    keepDraft('sketch', JSON.stringify(this.drawn));
    this.show();
  }

  clear(): void {
    this.change({ places: '', miles: '', name: '', uid: '', was: '' });
    this.spared = new Set();
  }

  /** Somebody points at a place on the map. */
  place(lon: number, lat: number): void {
    const { form } = this.drawn;
    const { places } = this.read;
    if (form === 'circle' && places.length > 0) {
      const miles = metresBetween(places[0]!, [lon, lat]) / METRES_PER_MILE;
      return this.change({ miles: miles.toFixed(2) });
    }
    const before = form === 'point' ? '' : this.drawn.places.trimEnd();
    this.change({ places: `${before}${before && '\n'}${spelled(lon, lat)}\n` });
  }

  undo(): void {
    const lines = this.drawn.places.trimEnd().split('\n').slice(0, -1);
    this.change({ places: lines.length ? `${lines.join('\n')}\n` : '' });
  }

  /** Shows the sketch on the map while its panel is open, and takes what is clicked there. */
  show(): void {
    if (this.#watch.panel === 'measure') return this.#watch.measuring.show();
    const isOpen = this.#watch.panel === 'draw' && this.#watch.user?.role !== 'viewer' && !this.#watch.time.isReplay;
    const { places } = this.sketch;
    const sketch = { outline: outlineOf(this.sketch), places };
    this.#watch.chart?.sketch(isOpen ? sketch : null, isOpen ? (lon, lat) => this.place(lon, lat) : null);
  }

  #wrong(): string {
    const { faults } = this.read;
    if (faults.length > 0) return say('draw.fault.line', { line: faults[0]! });
    const fault = faultOf(this.sketch);
    if (fault === '') return this.groups.some((each) => !this.spared.has(each)) ? '' : say('draw.fault.groups');
    return say(fault === 'few' ? 'draw.fault.few' : fault === 'many' ? 'draw.fault.many' : 'draw.fault.radius');
  }

  /** Puts it on the picture; what is not let in stays as it was typed, and why is told. */
  async send(): Promise<void> {
    this.fault = this.#wrong();
    if (this.fault !== '' || this.isSending) return;
    const { name, hours, form, uid } = this.drawn;
    const radius = form === 'circle' ? { radius: this.sketch.radius } : {};
    const groups = this.groups.filter((each) => !this.spared.has(each));
    const context = this.#watch.context;
    this.isSending = true;
    try {
      await draw({ geometry: geometryOf(this.sketch), name: name.trim(), ...radius, valid_minutes: hours * 60, groups, context, ...(uid ? { uid } : {}) });
      this.clear();
      this.done = say('draw.done', { name: plainName(name) });
    } catch (error) {
      this.fault = whyNot(error);
    }
    this.isSending = false;
  }

  /** Takes an own drawing up again: what is put on the picture then is the same one, changed. */
  async redraw(meta: Meta): Promise<void> {
    const { lon, lat } = this.#watch.store;
    const slot = this.#watch.store.slotOf(meta.uid);
    if (slot === undefined) return;
    const at: LonLat[] = Number.isNaN(lon[slot]!) ? [] : [[lon[slot]!, lat[slot]!]];
    const { form, places } = meta.outline ? cornersOf(meta.outline) : { form: 'point' as const, places: at };
    const miles = meta.outline?.radius ? (meta.outline.radius / METRES_PER_MILE).toFixed(2) : '';
    const lines = places.map((place) => `${exactly(...place)}\n`).join('');
    // The picture has names that are cut to be read.
    const name = await claimsOf(meta.uid, this.#watch.context).then((claims) => claims[0]?.name ?? meta.name, () => meta.name);
    this.spared = new Set(this.groups.filter((each) => !meta.groups.includes(each)));
    this.change({ form, places: lines, miles, name, uid: meta.uid, was: meta.name || meta.uid });
  }

  async erase(uid: string, name: string): Promise<void> {
    this.fault = this.done = '';
    try {
      await erase(uid, this.#watch.context);
      this.done = say('draw.erased', { name: plainName(name) });
    } catch (error) {
      this.fault = whyNot(error);
    }
  }
}
