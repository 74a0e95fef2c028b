/** Charts of the administrator's own, between the map and what is drawn on it. All come from this node. */
import type { LayerSpecification, Map as MapLibre, SourceSpecification } from 'maplibre-gl';
import { PMTiles, TileType } from 'pmtiles';
import { FONT } from './basemap';
import { MAP_COLOURS, type PaletteName } from './palette';

/** A chart that is to be shown (docs/reference/api.md). */
export interface ShownChart {
  name: string;
  kind: 'geojson' | 'pmtiles' | 'tiles';
  min_zoom: number;
  max_zoom: number;
}

/** Layers of one file of vector tiles that are drawn. */
const MOST_LAYERS = 50;

const PREFIX = 'own-chart-';

/** How bright an image may be in each light. */
const BRIGHTEST: Record<PaletteName, number> = { day: 1, dusk: 0.6, night: 0.25 };

interface Made {
  source: SourceSpecification;
  /** The layers of vector tiles; null: the source has none of its own. */
  within: string[] | null;
  isImage: boolean;
}

function addressOf(origin: string, name: string): string {
  return `${origin}/api/v1/charts/${encodeURIComponent(name)}`;
}

async function madeOf(chart: ShownChart, origin: string): Promise<Made> {
  const at = addressOf(origin, chart.name);
  if (chart.kind === 'geojson') return { source: { type: 'geojson', data: `${at}/file` }, within: null, isImage: false };
  if (chart.kind === 'tiles') {
    const zooms = { minzoom: chart.min_zoom, maxzoom: chart.max_zoom };
    return { source: { type: 'raster', tiles: [`${at}/{z}/{x}/{y}`], tileSize: 256, ...zooms }, within: null, isImage: true };
  }
  const file = new PMTiles(`${at}/file`);
  const url = `pmtiles://${at}/file`;
  if ((await file.getHeader()).tileType !== TileType.Mvt) return { source: { type: 'raster', url, tileSize: 256 }, within: null, isImage: true };
  const said = (await file.getMetadata()) as { vector_layers?: { id?: unknown }[] };
  const names = (said.vector_layers ?? []).map((each) => each.id).filter((each): each is string => typeof each === 'string');
  return { source: { type: 'vector', url }, within: names.slice(0, MOST_LAYERS), isImage: false };
}

function layersOf(id: string, made: Made, palette: PaletteName): LayerSpecification[] {
  if (made.isImage) {
    const paint = { 'raster-brightness-max': BRIGHTEST[palette], 'raster-saturation': palette === 'night' ? -1 : 0, 'raster-fade-duration': 0 };
    return [{ id, type: 'raster', source: id, paint }];
  }
  const { text, halo } = MAP_COLOURS[palette];
  const is = (type: string) => ['==', ['geometry-type'], type] as never;
  return (made.within ?? [null]).flatMap((name, n): LayerSpecification[] => {
    const from = name === null ? { source: id } : { source: id, 'source-layer': name };
    return [
      { ...from, id: `${id}-${n}-fill`, type: 'fill', filter: is('Polygon'), paint: { 'fill-color': text, 'fill-opacity': 0.1 } },
      { ...from, id: `${id}-${n}-line`, type: 'line', paint: { 'line-color': text, 'line-width': 1.2 } },
      { ...from, id: `${id}-${n}-spot`, type: 'circle', filter: is('Point'), paint: { 'circle-color': text, 'circle-radius': 3 } },
      { ...from, id: `${id}-${n}-name`, type: 'symbol', layout: { 'text-field': ['to-string', ['coalesce', ['get', 'name'], '']], 'text-font': [FONT], 'text-size': 11, 'text-offset': [0, 1] }, paint: { 'text-color': text, 'text-halo-color': halo, 'text-halo-width': 1 } },
    ];
  });
}

function clear(map: MapLibre): void {
  const { layers, sources } = map.getStyle();
  for (const { id } of layers) if (id.startsWith(PREFIX)) map.removeLayer(id);
  for (const id of Object.keys(sources)) if (id.startsWith(PREFIX)) map.removeSource(id);
}

/** Shows these charts and no others, below `before`; returns the names of those that cannot be read. */
export async function showOwnCharts(
  map: MapLibre,
  charts: readonly ShownChart[],
  palette: PaletteName,
  before: string,
  isCurrent: () => boolean,
): Promise<string[]> {
  const made = await Promise.allSettled(charts.map((each) => madeOf(each, location.origin)));
  if (!isCurrent()) return [];
  clear(map);
  const failed: string[] = [];
  made.forEach((each, n) => {
    const name = charts[n]!.name;
    if (each.status === 'rejected') return void failed.push(name);
    map.addSource(PREFIX + name, each.value.source);
    for (const layer of layersOf(PREFIX + name, each.value, palette)) map.addLayer(layer, before);
  });
  return failed;
}
