/** The map on the screen: the ground, the tracks, and where somebody points. */
import { addProtocol, Map as MapLibre, type MapMouseEvent, ScaleControl, setWorkerUrl } from 'maplibre-gl';
import worker from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { Protocol } from 'pmtiles';
import { nearest } from '../picture/declutter';
import { isDrawnAsCell, isInside } from '../picture/overlay';
import type { Store } from '../picture/store';
import { basemap, FINE_COAST } from './basemap';
import { addDrawings, Drawings, EDGES, type Shown, showSketch } from './drawings';
import { addOverlays, showOverlays } from './overlays';
import type { PaletteName } from './palette';
import { TracksLayer } from './tracks-layer';

setWorkerUrl(worker);
addProtocol('pmtiles', new Protocol().tile);

/** Pixels from a track within which a click means it. */
const REACH = 18;

/** Pixels from the line of a drawing within which a click means it. */
const NEAR = 6;

/** Milliseconds between changes of names and cells. */
const OVERLAYS_EVERY = 900;

/** Where the map was, so that it opens there again. */
export interface Where {
  lon: number;
  lat: number;
  zoom: number;
}

/** The Pacific with the antimeridian in the middle. */
export const PACIFIC: Where = { lon: 180, lat: -22, zoom: 3 };

export interface ChartEvents {
  hooked(uid: string | null): void;
  pointed(lon: number, lat: number): void;
  moved(where: Where): void;
}

/** Whether this node has the finer coast. */
async function hasFineCoast(): Promise<boolean> {
  const answer = await fetch(`/basemap/${FINE_COAST}`, { headers: { Range: 'bytes=0-6' } }).catch(() => undefined);
  return answer?.ok === true;
}

/** Makes the map in an element. */
export async function openChart(
  container: HTMLElement,
  store: Store,
  palette: PaletteName,
  where: Where,
  events: ChartEvents,
): Promise<Chart> {
  const fine = await hasFineCoast();
  return new Chart(container, store, palette, where, fine, events);
}

export class Chart {
  readonly map: MapLibre;
  readonly layer: TracksLayer;
  readonly #store: Store;
  readonly #events: ChartEvents;
  readonly #fine: boolean;
  #palette: PaletteName;
  #shown: (slot: number) => boolean = () => true;
  #hooked: string | null = null;
  #hasChanged = false;
  readonly #drawings = new Drawings();
  #sketch: Shown | null = null;
  #placed: ((lon: number, lat: number) => void) | null = null;
  #overlaysAt = 0;
  #overlaysDue = 0;

  constructor(
    container: HTMLElement,
    store: Store,
    palette: PaletteName,
    where: Where,
    fine: boolean,
    events: ChartEvents,
  ) {
    this.#store = store;
    this.#palette = palette;
    this.#events = events;
    this.#fine = fine;
    this.layer = new TracksLayer(store, palette, window.devicePixelRatio);
    this.map = new MapLibre({
      container,
      style: basemap(palette, location.origin, fine),
      center: [where.lon, where.lat],
      zoom: where.zoom,
      minZoom: 1.5,
      maxZoom: 16,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      attributionControl: false,
      fadeDuration: 0,
      refreshExpiredTiles: false,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new ScaleControl({ unit: 'nautical', maxWidth: 140 }), 'bottom-right');
    this.map.on('style.load', () => this.#dress());
    this.map.on('click', (event) => this.#click(event));
    this.map.on('mousemove', (event) => this.#events.pointed(event.lngLat.lng, event.lngLat.lat));
    this.map.on('moveend', () => this.#moved());
    this.map.on('render', () => this.#rendered());
  }

  #dress(): void {
    this.map.addLayer(this.layer);
    addDrawings(this.map, this.#palette, 'tracks');
    addOverlays(this.map, this.#palette, 'tracks');
    this.#drawings.forget();
    showSketch(this.map, this.#sketch);
    this.draw();
  }

  #moved(): void {
    const middle = this.map.getCenter();
    this.#events.moved({ lon: middle.lng, lat: middle.lat, zoom: this.map.getZoom() });
    this.#overlaysAt = 0;
    this.draw();
  }

  /** Draws again, soon: the store or what is wanted of it has changed. */
  draw(): void {
    this.layer.hooked = this.#hooked === null ? undefined : this.#store.slotOf(this.#hooked);
    this.#hasChanged = true;
    this.map.triggerRepaint();
  }

  /** Names and cells go by what was drawn last, so they come after it. */
  #rendered(): void {
    if (!this.#hasChanged) return;
    this.#hasChanged = false;
    if (this.#overlaysDue) return;
    const wait = Math.max(0, this.#overlaysAt + OVERLAYS_EVERY - performance.now());
    this.#overlaysDue = window.setTimeout(() => this.#drawOverlays(), wait);
  }

  #drawOverlays(): void {
    this.#overlaysDue = 0;
    this.#overlaysAt = performance.now();
    const seen = this.layer.seen;
    if (seen === undefined) return;
    const [hooked, said] = [this.layer.hooked, this.map.getContainer().dataset];
    // What was drawn last, for tests and for whoever wonders.
    said['symbols'] = String(seen.symbols);
    said['dots'] = String(seen.count - seen.symbols);
    const cells = showOverlays(this.map, this.#store, seen, this.layer.view(), this.#palette, this.#shown, hooked);
    said['cells'] = String(cells);
    said['drawings'] = String(this.#drawings.show(this.map, this.#store, this.#shown, hooked));
  }

  /** Shows what is being drawn; while `placed` is there, a click puts a place and hooks nothing. */
  sketch(sketch: Shown | null, placed: ((lon: number, lat: number) => void) | null): void {
    this.#sketch = sketch;
    this.#placed = placed;
    this.map.getCanvas().style.cursor = placed ? 'crosshair' : '';
    if (placed) this.map.doubleClickZoom.disable();
    else this.map.doubleClickZoom.enable();
    showSketch(this.map, sketch);
  }

  /** Shows only the slots that are wanted; the hooked one always. */
  want(shown: (slot: number) => boolean): void {
    this.#shown = shown;
    this.layer.shown = shown;
    this.layer.isCell = (slot) => isDrawnAsCell(this.#store.metas[slot]?.cell ?? null, 512 * 2 ** this.map.getZoom());
    this.draw();
  }

  hook(uid: string | null): void {
    this.#hooked = uid;
    this.#overlaysAt = 0;
    this.draw();
  }

  paint(palette: PaletteName): void {
    if (palette === this.#palette) return;
    this.#palette = palette;
    this.layer.repaint(palette);
    this.map.setStyle(basemap(palette, location.origin, this.#fine), { diff: false });
  }

  /** Brings a track into the middle, near enough to be told from others. */
  goTo(uid: string): void {
    const slot = this.#store.slotOf(uid);
    if (slot === undefined || Number.isNaN(this.#store.lon[slot]!)) return;
    const center: [number, number] = [this.#store.lon[slot]!, this.#store.lat[slot]!];
    this.map.jumpTo({ center, zoom: Math.max(this.map.getZoom(), 7) });
  }

  #click(event: MapMouseEvent): void {
    if (this.#placed) return this.#placed(event.lngLat.lng, event.lngLat.lat);
    const seen = this.layer.seen;
    if (seen === undefined) return;
    const found = nearest(seen, event.point.x, event.point.y, REACH);
    const slot = found === undefined ? this.#cellAt(event.lngLat.lng, event.lngLat.lat) : seen.slots[found];
    this.#events.hooked(slot === undefined ? this.#drawingAt(event) : this.#store.metas[slot]!.uid);
  }

  #drawingAt({ point: { x, y } }: MapMouseEvent): string | null {
    const box: [[number, number], [number, number]] = [[x - NEAR, y - NEAR], [x + NEAR, y + NEAR]]; // prettier-ignore
    const found = this.map.queryRenderedFeatures(box, { layers: EDGES.filter((each) => this.map.getLayer(each)) })[0];
    return (found?.properties['uid'] as string | undefined) ?? null;
  }

  #cellAt(lon: number, lat: number): number | undefined {
    for (let slot = 0; slot < this.#store.end; slot++) {
      const cell = this.#store.metas[slot]?.cell;
      if (cell && this.#shown(slot) && this.layer.isCell(slot) && isInside(cell, lon, lat)) return slot;
    }
    return undefined;
  }

  close(): void {
    window.clearTimeout(this.#overlaysDue);
    this.map.remove();
  }
}
