/** Cells, as ordinary layers of the map: few, and seldom changed. */
import type { Map as MapLibre } from 'maplibre-gl';
import type { View } from '../picture/declutter';
import { isDrawnAsCell, isInView, ringOf } from '../picture/overlay';
import { HAS_CELL, type Store } from '../picture/store';
import { addEmpty, addHidden, feature, fill } from './filling';
import { MAP_COLOURS, type PaletteName, type Rgb } from './palette';

/** Cells drawn at one time. */
const MOST_CELLS = 500;

const css = ([r, g, b]: Rgb) => `rgb(${r},${g},${b})`;

/** Adds the sources and layers; after each change of style again. */
export function addOverlays(map: MapLibre, before?: string): void {
  addEmpty(map, 'cells');
  addHidden(map, { id: 'cells-fill', type: 'fill', source: 'cells', paint: { 'fill-color': ['get', 'colour'], 'fill-opacity': 0.18 } }, before);
  addHidden(
    map,
    { id: 'cells-edge', type: 'line', source: 'cells', paint: { 'line-color': ['get', 'edge'], 'line-width': ['get', 'width'], 'line-dasharray': [3, 2] } },
    before,
  );
}

/** Keeps the cells as the store has them; what has not changed is not laid out again. */
export class Overlays {
  /** The slots that are drawn as cells now. */
  drawn: number[] = [];
  #last: unknown[] = [];

  /** Forgets what is on the map: its style is new. */
  forget(): void {
    this.#last = [];
  }

  /** Puts the cells of now on the map. */
  show(map: MapLibre, store: Store, view: View, palette: PaletteName, shown: (slot: number) => boolean, hooked: number | undefined): void {
    const colours = MAP_COLOURS[palette].tracks;
    const cells: GeoJSON.Feature[] = [];
    const keys: unknown[] = [];
    this.drawn = [];
    for (let slot = 0; slot < store.end && cells.length < MOST_CELLS; slot++) {
      if (!(store.marks[slot]! & HAS_CELL)) continue;
      const meta = store.metas[slot];
      if (!meta?.cell || !isDrawnAsCell(meta.cell, view.world) || !isInView(meta.cell, view)) continue;
      if (!shown(slot) && slot !== hooked) continue;
      const colour = css(colours[meta.affiliation ?? 'u']);
      const edge = slot === hooked ? { edge: MAP_COLOURS[palette].mark, width: 4 } : { edge: colour, width: 2 };
      cells.push(feature({ type: 'Polygon', coordinates: [ringOf(meta.cell)] }, { colour, ...edge }));
      keys.push(meta, slot === hooked);
      this.drawn.push(slot);
    }
    this.#put(map, cells, keys);
  }

  #put(map: MapLibre, features: GeoJSON.Feature[], keys: unknown[]): void {
    if (keys.length === this.#last.length && keys.every((each, n) => each === this.#last[n])) return;
    if (!map.getSource('cells')) return;
    this.#last = keys;
    fill(map, 'cells', features);
  }
}
