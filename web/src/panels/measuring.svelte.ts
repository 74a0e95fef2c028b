/** What is being measured: places, typed or clicked, and the legs between them. */
import { type LonLat, readPlaces } from '../picture/coordinate';
import { spelled } from '../picture/geo';
import { bent, type Leg, legsOf } from '../picture/measure';
import { draft, keepDraft } from './kept';
import type { Watch } from './watch.svelte';

export class Measuring {
  typed = $state(draft('measure'));
  readonly #watch: Watch;

  constructor(watch: Watch) {
    this.#watch = watch;
  }

  get read(): { places: LonLat[]; faults: number[] } {
    return readPlaces(this.typed);
  }

  get legs(): Leg[] {
    return legsOf(this.read.places);
  }

  type(text: string): void {
    this.typed = text;
    keepDraft('measure', text);
    this.show();
  }

  place(lon: number, lat: number): void {
    const before = this.typed.trimEnd();
    this.type(`${before}${before && '\n'}${spelled(lon, lat)}\n`);
  }

  undo(): void {
    const lines = this.typed.trimEnd().split('\n').slice(0, -1);
    this.type(lines.length ? `${lines.join('\n')}\n` : '');
  }

  /** Shows the legs on the map, and takes what is clicked there, while its panel is open. */
  show(): void {
    const { places } = this.read;
    const points = bent(places);
    const outline = points.length > 1 ? { type: 'line' as const, points, radius: null } : null;
    this.#watch.chart?.sketch({ outline, places }, (lon, lat) => this.place(lon, lat));
  }
}
