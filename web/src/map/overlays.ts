/** Names and cells, as ordinary layers of the map: few, and changed once a second at most. */
import type { GeoJSONSource, Map as MapLibre } from 'maplibre-gl';
import type { Seen, View } from '../picture/declutter';
import { isDrawnAsCell, isInView, labelled, labelOf, ringOf } from '../picture/overlay';
import { HAS_CELL, type Store } from '../picture/store';
import { FONT } from './basemap';
import { MAP_COLOURS, type PaletteName, type Rgb } from './palette';

const NOTHING: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] };

/** Cells drawn at one time. */
const MOST_CELLS = 500;

const css = ([r, g, b]: Rgb) => `rgb(${r},${g},${b})`;

/** Adds the sources and layers; after each change of style again. */
export function addOverlays(map: MapLibre, palette: PaletteName, before?: string): void {
  const colours = MAP_COLOURS[palette];
  map.addSource('cells', { type: 'geojson', data: NOTHING });
  // A name stands at a point: no tile needs those of its neighbours.
  map.addSource('names', { type: 'geojson', data: NOTHING, buffer: 0 });
  map.addLayer({ id: 'cells-fill', type: 'fill', source: 'cells', paint: { 'fill-color': ['get', 'colour'], 'fill-opacity': 0.18 } }, before);
  map.addLayer(
    { id: 'cells-edge', type: 'line', source: 'cells', paint: { 'line-color': ['get', 'edge'], 'line-width': ['get', 'width'], 'line-dasharray': [3, 2] } },
    before,
  );
  map.addLayer({
    id: 'names',
    type: 'symbol',
    source: 'names',
    layout: {
      'text-field': ['get', 'text'],
      'text-font': [FONT],
      'text-size': 12,
      'text-max-width': 30,
      'symbol-sort-key': ['get', 'rank'],
      'text-variable-anchor-offset': ['left', [1.5, 0], 'right', [-1.5, 0], 'bottom', [0, -1.6], 'top', [0, 2.4], 'center', [0, 0]],
      'text-justify': 'auto',
      'text-padding': 3,
    },
    paint: { 'text-color': colours.label, 'text-halo-color': colours.halo, 'text-halo-width': 1.6 },
  });
}

function feature(geometry: GeoJSON.Geometry, properties: GeoJSON.GeoJsonProperties): GeoJSON.Feature {
  return { type: 'Feature', geometry, properties };
}

/** Keeps the names and cells as the store has them; what has not changed, to the pixel, is not laid out again. */
export class Overlays {
  #last: { names: unknown[]; cells: unknown[] } = { names: [], cells: [] };

  /** Forgets what is on the map: its style is new. */
  forget(): void {
    this.#last = { names: [], cells: [] };
  }

  /** Puts the names and cells of now on the map; returns how many cells. */
  show(map: MapLibre, store: Store, seen: Seen, view: View, palette: PaletteName, shown: (slot: number) => boolean, hooked: number | undefined): number {
    const colours = MAP_COLOURS[palette].tracks;
    const names: GeoJSON.Feature[] = [];
    const cells: GeoJSON.Feature[] = [];
    const keys: { names: unknown[]; cells: unknown[] } = { names: [], cells: [] };
    const name = (slot: number, text: string, rank: number) => {
      names.push(feature({ type: 'Point', coordinates: [store.lon[slot]!, store.lat[slot]!] }, { text, rank }));
      keys.names.push(text, rank, Math.round(store.x[slot]! * view.world), Math.round(store.y[slot]! * view.world));
    };
    labelled(store, seen, hooked).forEach((slot, rank) => name(slot, labelOf(store.metas[slot]!), rank));
    for (let slot = 0; slot < store.end && cells.length < MOST_CELLS; slot++) {
      if (!(store.marks[slot]! & HAS_CELL)) continue;
      const meta = store.metas[slot];
      if (!meta?.cell || !isDrawnAsCell(meta.cell, view.world) || !isInView(meta.cell, view)) continue;
      if (!shown(slot) && slot !== hooked) continue;
      const colour = css(colours[meta.affiliation ?? 'u']);
      const edge = slot === hooked ? { edge: MAP_COLOURS[palette].mark, width: 4 } : { edge: colour, width: 2 };
      cells.push(feature({ type: 'Polygon', coordinates: [ringOf(meta.cell)] }, { colour, ...edge }));
      keys.cells.push(meta, slot === hooked);
      if (!Number.isNaN(store.lon[slot]!)) name(slot, `${labelOf(meta)}\n≈ ${meta.form ?? ''}`, slot === hooked ? -1 : cells.length);
    }
    this.#put(map, 'names', names, keys.names);
    this.#put(map, 'cells', cells, keys.cells);
    return cells.length;
  }

  #put(map: MapLibre, source: 'names' | 'cells', features: GeoJSON.Feature[], keys: unknown[]): void {
    const last = this.#last[source];
    if (keys.length === last.length && keys.every((each, n) => each === last[n])) return;
    const into = map.getSource(source) as GeoJSONSource | undefined;
    if (into === undefined) return;
    this.#last[source] = keys;
    into.setData({ type: 'FeatureCollection', features });
  }
}
