/** A case on the map: where it may be, what nobody looked at, areas, patterns, and where things were said. */
import type { Map as MapLibre } from 'maplibre-gl';
import { joined, type OnMap, strength } from '../picture/sar';
import { FONT } from './basemap';
import { addEmpty, addHidden, feature, fill } from './filling';
import { MAP_COLOURS, type PaletteName } from './palette';

const SOURCES = ['case-cells', 'case-tasks', 'case-places'];

/** Adds the sources and layers below `before`; after each change of style again. */
export function addCase(map: MapLibre, palette: PaletteName, before: string): void {
  const { label, halo, mark, tracks } = MAP_COLOURS[palette];
  const likely = `rgb(${tracks.s.join(',')})`;
  for (const source of SOURCES) addEmpty(map, source);
  addHidden(map, { id: 'case-cells', type: 'fill', source: 'case-cells', paint: { 'fill-color': likely, 'fill-opacity': ['*', 0.65, ['get', 'strength']] } }, before);
  // Where nobody looked has an edge: not told by colour alone.
  addHidden(map, { id: 'case-unlooked', type: 'line', source: 'case-cells', filter: ['get', 'unlooked'], paint: { 'line-color': mark, 'line-width': 1.5, 'line-dasharray': [2, 1] } }, before);
  const isArea = ['==', ['geometry-type'], 'Polygon'] as never;
  addHidden(map, { id: 'case-areas', type: 'line', source: 'case-tasks', filter: isArea, paint: { 'line-color': label, 'line-width': 2.5 } }, before);
  addHidden(map, { id: 'case-patterns', type: 'line', source: 'case-tasks', filter: ['!', isArea] as never, paint: { 'line-color': label, 'line-width': 1.2 } }, before);
  addHidden(map, { id: 'case-places', type: 'circle', source: 'case-places', paint: { 'circle-radius': 5, 'circle-color': halo, 'circle-stroke-color': mark, 'circle-stroke-width': 2 } }, before);
  addHidden(map, {
    id: 'case-names',
    type: 'symbol',
    source: 'case-places',
    layout: { 'text-field': ['get', 'text'], 'text-font': [FONT], 'text-size': 12, 'text-max-width': 16, 'text-variable-anchor-offset': ['bottom', [0, -0.8], 'top', [0, 0.8]] },
    paint: { 'text-color': label, 'text-halo-color': halo, 'text-halo-width': 1.6 },
  });
}

/** Shows a case, null: none. Returns how many cells of it are on the map. */
export function showCase(map: MapLibre, shown: OnMap | null): number {
  const cells = shown?.cells ?? [];
  const most = cells.reduce((best, each) => Math.max(best, each.chance), 0);
  fill(map, 'case-cells', cells.map((each) => feature({ type: 'Polygon', coordinates: [joined([...each.border, each.border[0]!])] }, { strength: strength(each.chance, most), unlooked: shown!.unlooked.has(each.cell) }))); // prettier-ignore
  fill(map, 'case-tasks', (shown?.tasks ?? []).flatMap((each) => [
    ...(each.corners.length > 2 ? [feature({ type: 'Polygon', coordinates: [joined([...each.corners, each.corners[0]!])] }, {})] : []),
    ...(each.points.length > 1 ? [feature({ type: 'LineString', coordinates: joined(each.points) }, {})] : []),
  ])); // prettier-ignore
  const named = (shown?.tasks ?? []).flatMap((each) => (each.corners[0] ? [{ at: each.corners[0], text: `${each.name} ${each.kind}` }] : []));
  fill(map, 'case-places', [...(shown?.places ?? []), ...named].map(({ at, text }) => feature({ type: 'Point', coordinates: [at[1], at[0]] }, { text }))); // prettier-ignore
  return cells.length;
}
