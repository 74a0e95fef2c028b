/** Names and cells, as ordinary layers of the map: few, and changed once a second at most. */
import type { GeoJSONSource, Map as MapLibre } from 'maplibre-gl';
import type { Seen, View } from '../picture/declutter';
import { isDrawnAsCell, isInView, labelled, labelOf, ringOf } from '../picture/overlay';
import type { Store } from '../picture/store';
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
  map.addSource('names', { type: 'geojson', data: NOTHING });
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

/** Puts the names and cells of now on the map; returns how many cells. */
export function showOverlays(
  map: MapLibre,
  store: Store,
  seen: Seen,
  view: View,
  palette: PaletteName,
  shown: (slot: number) => boolean,
  hooked: number | undefined,
): number {
  const colours = MAP_COLOURS[palette].tracks;
  const names: GeoJSON.Feature[] = [];
  const cells: GeoJSON.Feature[] = [];
  const name = (slot: number, text: string, rank: number) =>
    names.push(feature({ type: 'Point', coordinates: [store.lon[slot]!, store.lat[slot]!] }, { text, rank }));
  labelled(store, seen, hooked).forEach((slot, rank) => name(slot, labelOf(store.metas[slot]!), rank));
  for (let slot = 0; slot < store.end && cells.length < MOST_CELLS; slot++) {
    const meta = store.metas[slot];
    if (!meta?.cell || !isDrawnAsCell(meta.cell, view.world) || !isInView(meta.cell, view)) continue;
    if (!shown(slot) && slot !== hooked) continue;
    const colour = css(colours[meta.affiliation ?? 'u']);
    const edge = slot === hooked ? { edge: MAP_COLOURS[palette].mark, width: 4 } : { edge: colour, width: 2 };
    cells.push(feature({ type: 'Polygon', coordinates: [ringOf(meta.cell)] }, { colour, ...edge }));
    if (!Number.isNaN(store.lon[slot]!)) name(slot, `${labelOf(meta)}\n≈ ${meta.form ?? ''}`, slot === hooked ? -1 : cells.length);
  }
  (map.getSource('names') as GeoJSONSource | undefined)?.setData({ type: 'FeatureCollection', features: names });
  (map.getSource('cells') as GeoJSONSource | undefined)?.setData({ type: 'FeatureCollection', features: cells });
  return cells.length;
}
