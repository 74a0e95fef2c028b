/**
 * Sources of the map that have nothing in them most of the time. While one is empty its layers are hidden: the map goes
 * through every other layer at every frame, asks for its tiles, and cuts out the square of each.
 */
import type { GeoJSONSource, LayerSpecification, Map as MapLibre } from 'maplibre-gl';

function collection(features: GeoJSON.Feature[]): GeoJSON.FeatureCollection {
  return { type: 'FeatureCollection', features };
}

export function feature(geometry: GeoJSON.Geometry, properties: GeoJSON.GeoJsonProperties = {}): GeoJSON.Feature {
  return { type: 'Feature', geometry, properties };
}

/** Adds a source with nothing in it. */
export function addEmpty(map: MapLibre, source: string): void {
  map.addSource(source, { type: 'geojson', data: collection([]) });
}

/** Adds a layer of an empty source, below `before`. */
export function addHidden(map: MapLibre, layer: LayerSpecification, before?: string): void {
  map.addLayer({ ...layer, layout: { ...layer.layout, visibility: 'none' } } as LayerSpecification, before);
}

/** Puts these features, and no others, into a source; none: its layers are hidden. Nothing where the map has no such source. */
export function fill(map: MapLibre, source: string, features: GeoJSON.Feature[]): void {
  const into = map.getSource(source) as GeoJSONSource | undefined;
  if (into === undefined) return;
  const layers = map.getLayersOrder().filter((id) => map.getLayer(id)!.source === source);
  const is = features.length ? 'visible' : 'none';
  const changed = layers.filter((id) => map.getLayoutProperty(id, 'visibility') !== is);
  if (changed.length === 0 && features.length === 0) return;
  into.setData(collection(features));
  for (const id of changed) map.setLayoutProperty(id, 'visibility', is);
}
