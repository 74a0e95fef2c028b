/** Where tracks were, as lines under their symbols: what is not known is broken. */
import type { Map as MapLibre } from 'maplibre-gl';
import type { Affiliation } from '../picture/frames';
import { dimensionOf } from '../picture/select';
import type { Store } from '../picture/store';
import { fastest, linesOf, type Trails } from '../picture/trail';
import { addEmpty, addHidden, feature, fill } from './filling';
import { MAP_COLOURS, type PaletteName, type Rgb } from './palette';

const css = ([r, g, b]: Rgb) => `rgb(${r},${g},${b})`;

/** Adds the source and layers below `before`; after each change of style again. */
export function addTrails(map: MapLibre, palette: PaletteName, before: string): void {
  const { halo, tracks } = MAP_COLOURS[palette];
  addEmpty(map, 'trails');
  const colours = Object.entries(tracks).flatMap(([side, rgb]) => [side, css(rgb)]);
  const colour = ['match', ['get', 'side'], ...colours, css(tracks.u)] as never;
  const line = { type: 'line', source: 'trails', layout: { 'line-join': 'round', 'line-cap': 'round' } } as const;
  const width = (more: number) => ['+', more, ['case', ['get', 'hooked'], 1.5, 0]] as never;
  addHidden(map, { ...line, id: 'trails-halo', paint: { 'line-color': halo, 'line-width': width(3.5), 'line-opacity': 0.55 } }, before);
  addHidden(map, { ...line, id: 'trails-known', filter: ['get', 'known'], paint: { 'line-color': colour, 'line-width': width(1.5) } }, before);
  addHidden(map, { ...line, id: 'trails-guessed', filter: ['!', ['get', 'known']], paint: { 'line-color': colour, 'line-width': width(1), 'line-dasharray': [1, 4] } }, before);
}

/** Puts the trails on the map; returns how many have a line. */
export function showTrails(map: MapLibre, trails: Trails | null, store: Store, hooked: string | null): number {
  const features: GeoJSON.Feature[] = [];
  let count = 0;
  for (const uid of trails?.uids ?? []) {
    const meta = store.metas[store.slotOf(uid) ?? -1];
    const lines = linesOf(trails!.of(uid), fastest(dimensionOf(meta?.type ?? '')));
    const side: Affiliation = meta?.affiliation ?? 'u';
    const add = (known: boolean, coordinates: [number, number][][]) => {
      if (coordinates.length) features.push(feature({ type: 'MultiLineString', coordinates }, { side, known, hooked: uid === hooked }));
    };
    add(true, lines.known);
    add(false, lines.guessed);
    count += Number(lines.known.length > 0);
  }
  fill(map, 'trails', features);
  return count;
}
