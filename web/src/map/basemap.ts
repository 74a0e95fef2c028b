/** The map under the tracks: tiles of this node's own, drawn in a palette. */
import latin from '@fontsource/noto-sans/files/noto-sans-latin-400-normal.woff2?url';
import latinExt from '@fontsource/noto-sans/files/noto-sans-latin-ext-400-normal.woff2?url';
import type { LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl';
import { MAP_COLOURS, type Palette, type PaletteName } from './palette';

export const FONT = 'Noto Sans';

/** What a node serves besides the two files of the wheel. */
export const FINE_COAST = 'coast.pmtiles';

function tiles(origin: string, name: string): SourceSpecification {
  return { type: 'vector', url: `pmtiles://${origin}/basemap/${name}` };
}

/** ETOPO5 has a value each 9 km: beyond this zoom its steps would be taken for the sea's. */
const DEPTHS_TO = 9;
/** The fine coast begins here, where a node has it. */
export const FINE_FROM = 7;

/** The layers that it takes the place of. */
export const COARSE = ['land', 'coast'];

function layers(colours: Palette, hasFineCoast: boolean): LayerSpecification[] {
  const depths = colours.depths.flat();
  // Its edge is the coast's line: to smooth it as well would draw each tile once more.
  const land = { 'fill-antialias': false, 'fill-color': colours.land };
  const coarse = hasFineCoast ? { maxzoom: FINE_FROM } : {};
  const fine: LayerSpecification[] = hasFineCoast
    ? [
        { id: 'fine-land', type: 'fill', source: 'coast', 'source-layer': 'land', minzoom: FINE_FROM, paint: land },
        { id: 'fine-coast', type: 'line', source: 'coast', 'source-layer': 'land', minzoom: FINE_FROM, paint: { 'line-color': colours.coast } },
      ]
    : [];
  return [
    { id: 'sea', type: 'background', paint: { 'background-color': colours.sea } },
    {
      id: 'depths',
      type: 'fill',
      source: 'bathy',
      'source-layer': 'bathy',
      maxzoom: DEPTHS_TO,
      layout: { 'fill-sort-key': ['get', 'd'] },
      paint: { 'fill-antialias': false, 'fill-color': ['match', ['get', 'd'], ...depths, colours.sea] as never },
    },
    { id: 'land', type: 'fill', source: 'world', 'source-layer': 'land', ...coarse, paint: land },
    { id: 'coast', type: 'line', source: 'world', 'source-layer': 'coast', ...coarse, paint: { 'line-color': colours.coast, 'line-width': 0.8 } },
    ...fine,
    {
      id: 'rivers',
      type: 'line',
      source: 'world',
      'source-layer': 'river',
      minzoom: 5,
      paint: { 'line-color': colours.river, 'line-width': 0.7 },
    },
    {
      id: 'borders',
      type: 'line',
      source: 'world',
      'source-layer': 'boundary',
      paint: { 'line-color': colours.border, 'line-width': 0.8, 'line-dasharray': [4, 3] },
    },
    {
      id: 'places',
      type: 'symbol',
      source: 'world',
      'source-layer': 'place',
      minzoom: 2.5,
      filter: ['<=', ['get', 'rank'], ['step', ['zoom'], 1, 3.5, 2, 4.5, 4, 5.5, 6, 6.5, 10]],
      layout: {
        'text-field': ['get', 'name'],
        'text-font': [FONT],
        'text-size': 11,
        'text-padding': 8,
        'symbol-sort-key': ['get', 'rank'],
      },
      paint: { 'text-color': colours.text, 'text-halo-color': colours.halo, 'text-halo-width': 1 },
    },
  ];
}

/** The style of the map in a palette. `origin` is this node. */
export function basemap(palette: PaletteName, origin: string, hasFineCoast: boolean): StyleSpecification {
  return {
    version: 8,
    'font-faces': {
      [FONT]: [
        { url: latin, 'unicode-range': ['U+0000-00FF'] },
        { url: latinExt, 'unicode-range': ['U+0100-02FF', 'U+1E00-1EFF'] },
      ],
    },
    sources: {
      world: tiles(origin, 'world.pmtiles'),
      bathy: tiles(origin, 'bathy.pmtiles'),
      ...(hasFineCoast ? { coast: tiles(origin, FINE_COAST) } : {}),
    },
    layers: layers(MAP_COLOURS[palette], hasFineCoast),
  };
}
