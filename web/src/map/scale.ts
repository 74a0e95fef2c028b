/** The scale on the map, in nautical miles. It touches the page only where another pixel of it is seen. */
import type { IControl, Map as MapLibre } from 'maplibre-gl';
import { type Bar, barOf } from '../picture/scale';

/** Pixels of the longest bar. */
const MOST = 140;

export class Scale implements IControl {
  readonly #bar = document.createElement('div');
  #map: MapLibre | undefined;
  #shown: Bar = { miles: 0, pixels: 0 };

  onAdd(map: MapLibre): HTMLElement {
    this.#map = map;
    this.#bar.className = 'maplibregl-ctrl maplibregl-ctrl-scale';
    map.on('move', this.#moved);
    this.#moved();
    return this.#bar;
  }

  onRemove(map: MapLibre): void {
    map.off('move', this.#moved);
    this.#bar.remove();
  }

  readonly #moved = (): void => {
    const bar = barOf(this.#map!.getCenter().lat, 512 * 2 ** this.#map!.getZoom(), MOST);
    if (bar.pixels !== this.#shown.pixels) this.#bar.style.width = `${bar.pixels}px`;
    if (bar.miles !== this.#shown.miles) this.#bar.textContent = `${bar.miles}\u00a0nm`;
    this.#shown = bar;
  };
}
