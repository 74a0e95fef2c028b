/** What is drawn on the picture, and the sketch of what is being drawn: ordinary layers of the map. */
import type { Map as MapLibre } from 'maplibre-gl';
import { drawn, nameAt } from '../picture/drawing';
import type { LonLat } from '../picture/coordinate';
import type { Meta, Outline } from '../picture/frames';
import { labelOf } from '../picture/overlay';
import { IS_DRAWN, LIVE, type Store } from '../picture/store';
import { nationOf } from '../picture/symbol';
import { FONT } from './basemap';
import { addEmpty, addHidden, feature, fill } from './filling';
import { MAP_COLOURS, type PaletteName } from './palette';

/** Drawings on the map at one time. */
const MOST_DRAWINGS = 1000;

/** Something that is being drawn: its outline, where there is one yet, and its places. */
export interface Shown {
  outline: Outline | null;
  places: readonly LonLat[];
}

export const EDGES = ['drawings-edge', 'drawings-old'];

/** Adds the sources and layers below `before`; after each change of style again. */
export function addDrawings(map: MapLibre, palette: PaletteName, before: string): void {
  const { label, halo, mark } = MAP_COLOURS[palette];
  for (const source of ['drawings', 'drawing-names', 'sketch']) addEmpty(map, source);
  const isArea = ['==', ['geometry-type'], 'Polygon'] as never;
  addHidden(map, { id: 'drawings-fill', type: 'fill', source: 'drawings', filter: isArea, paint: { 'fill-color': label, 'fill-opacity': 0.1 } }, before);
  const width = ['case', ['get', 'hooked'], 5, 2] as never;
  const line = { type: 'line', source: 'drawings', layout: { 'line-join': 'round' } } as const;
  addHidden(map, { ...line, id: 'drawings-halo', paint: { 'line-color': halo, 'line-width': 5, 'line-opacity': 0.7 } }, before);
  addHidden(map, { ...line, id: 'drawings-edge', filter: ['get', 'live'], paint: { 'line-color': label, 'line-width': width } }, before);
  addHidden(map, { ...line, id: 'drawings-old', filter: ['!', ['get', 'live']], paint: { 'line-color': label, 'line-width': width, 'line-dasharray': [2, 3] } }, before);
  addHidden(map, {
    id: 'drawing-names',
    type: 'symbol',
    source: 'drawing-names',
    layout: { 'text-field': ['get', 'text'], 'text-font': [FONT], 'text-size': 12, 'text-max-width': 14, 'text-padding': 3, 'text-variable-anchor-offset': ['bottom', [0, -0.4], 'top', [0, 0.6], 'center', [0, 0]] },
    paint: { 'text-color': label, 'text-halo-color': halo, 'text-halo-width': 1.6 },
  });
  addHidden(map, { id: 'sketch-fill', type: 'fill', source: 'sketch', filter: isArea, paint: { 'fill-color': mark, 'fill-opacity': 0.15 } });
  addHidden(map, { id: 'sketch-edge', type: 'line', source: 'sketch', paint: { 'line-color': mark, 'line-width': 3, 'line-dasharray': [2, 1] } });
  const circle = { 'circle-radius': 5, 'circle-color': mark, 'circle-stroke-color': halo, 'circle-stroke-width': 2 };
  addHidden(map, { id: 'sketch-places', type: 'circle', source: 'sketch', filter: ['==', ['geometry-type'], 'Point'], paint: circle });
}

/** Shows what is being drawn; null: nothing is. */
export function showSketch(map: MapLibre, sketch: Shown | null): void {
  const places = (sketch?.places ?? []).map((each) => feature({ type: 'Point', coordinates: each }));
  const outline = sketch?.outline;
  fill(map, 'sketch', outline ? [feature(drawn(outline)), ...places] : places);
}

/** A drawing's name, with what must not be missed of it: exercise, and whose it is. */
function nameOf(meta: Meta): string {
  const nation = nationOf(meta.partner);
  return [meta.exercise === null ? '' : 'X', labelOf(meta), nation && `(${nation})`].filter(Boolean).join(' ');
}

/** Keeps the map's drawings as the store has them; what has not changed is not drawn again. */
export class Drawings {
  #last: unknown[] = [];

  /** Forgets what is on the map: its style is new. */
  forget(): void {
    this.#last = [];
  }

  /** Puts the drawings of now on the map; returns how many. */
  show(map: MapLibre, store: Store, shown: (slot: number) => boolean, hooked: number | undefined): number {
    const slots: number[] = [];
    for (let slot = 0; slot < store.end && slots.length < MOST_DRAWINGS; slot++) {
      if (store.marks[slot]! & IS_DRAWN && (shown(slot) || slot === hooked)) slots.push(slot);
    }
    const now = slots.flatMap((slot) => [store.metas[slot], store.state[slot], slot === hooked]);
    if (now.length === this.#last.length && now.every((each, n) => each === this.#last[n])) return slots.length;
    this.#last = now;
    const facts = (slot: number) => ({ uid: store.metas[slot]!.uid, live: store.state[slot] === LIVE, hooked: slot === hooked });
    fill(map, 'drawings', slots.map((slot) => feature(drawn(store.metas[slot]!.outline!), facts(slot)))); // prettier-ignore
    const names = slots.filter((slot) => store.metas[slot]!.name !== '' || slot === hooked);
    fill(map, 'drawing-names', names.map((slot) => feature({ type: 'Point', coordinates: nameAt(store.metas[slot]!.outline!) }, { text: nameOf(store.metas[slot]!) }))); // prettier-ignore
    return slots.length;
  }
}
