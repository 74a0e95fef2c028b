/** The map on the screen: the ground, the tracks, and where somebody points. */
import { addProtocol, Map as MapLibre, type MapMouseEvent, setWorkerUrl } from 'maplibre-gl';
import worker from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { PMTiles, Protocol } from 'pmtiles';
import { nearest } from '../picture/declutter';
import type { Cell } from '../picture/frames';
import { wrapped } from '../picture/geo';
import { covers, isDrawnAsCell, isInside } from '../picture/overlay';
import type { OnMap } from '../picture/sar';
import type { Store } from '../picture/store';
import type { Trails } from '../picture/trail';
import { basemap, COARSE, FINE_COAST, FINE_FROM } from './basemap';
import { addCase, showCase } from './case-layer';
import { addDrawings, Drawings, EDGES, type Shown, showSketch } from './drawings';
import { showOwnCharts, type ShownChart } from './own-charts';
import { NamesLayer } from './names-layer';
import { addOverlays, Overlays } from './overlays';
import type { PaletteName } from './palette';
import { Scale } from './scale';
import { TracksLayer } from './tracks-layer';
import { addTrails, showTrails } from './trails';

setWorkerUrl(worker);
addProtocol('pmtiles', new Protocol().tile);

/** Pixels from a track within which a click means it. */
const REACH = 18;

/** Pixels from the line of a drawing within which a click means it. */
const NEAR = 6;

/** Milliseconds between changes of cells and drawings, and where the map has come to rest since. */
const OVERLAYS_EVERY = 1500;
const OVERLAYS_SOON = 600;

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
  /** Somebody moves the map by hand. */
  dragged(): void;
  /** These charts cannot be read. */
  lacked(charts: string[]): void;
}

/** How far the finer coast of this node reaches; null where it has none. */
async function fineCoast(): Promise<Cell | null> {
  const address = `/basemap/${FINE_COAST}`;
  const answer = await fetch(address, { headers: { Range: 'bytes=0-6' } }).catch(() => undefined);
  if (answer?.ok !== true) return null;
  const said = (await new PMTiles(address).getMetadata().catch(() => ({}))) as { antimeridian_adjusted_bounds?: unknown };
  const sides = String(said.antimeridian_adjusted_bounds ?? '').split(',').map(Number); // prettier-ignore
  if (sides.length !== 4 || !sides.every(Number.isFinite)) return [-180, -90, 180, 90];
  return [wrapped(sides[0]!), sides[1]!, sides[2]! - sides[0]! >= 360 ? wrapped(sides[0]!) + 360 : wrapped(sides[2]!), sides[3]!];
}

/** Asked at once: the node answers while the page is being put together. */
const fine = fineCoast();

/** Makes the map in an element. */
export async function openChart(
  container: HTMLElement,
  store: Store,
  palette: PaletteName,
  where: Where,
  events: ChartEvents,
): Promise<Chart> {
  return new Chart(container, store, palette, where, await fine, events);
}

export class Chart {
  readonly map: MapLibre;
  readonly layer: TracksLayer;
  readonly #names: NamesLayer;
  #store: Store;
  readonly #events: ChartEvents;
  readonly #fine: Cell | null;
  #palette: PaletteName;
  #shown: (slot: number) => boolean = () => true;
  #hooked: string | null = null;
  #hasChanged = false;
  readonly #drawings = new Drawings();
  readonly #overlays = new Overlays();
  #sketch: Shown | null = null;
  #case: OnMap | null = null;
  #trails: Trails | null = null;
  #placed: ((lon: number, lat: number) => void) | null = null;
  #charts: readonly ShownChart[] = [];
  #chartsTurn = 0;
  #overlaysAt = -OVERLAYS_EVERY;
  #overlaysDue = 0;

  constructor(
    container: HTMLElement,
    store: Store,
    palette: PaletteName,
    where: Where,
    fine: Cell | null,
    events: ChartEvents,
  ) {
    this.#store = store;
    this.#palette = palette;
    this.#events = events;
    this.#fine = fine;
    this.layer = new TracksLayer(store, palette, window.devicePixelRatio);
    this.#names = new NamesLayer(this.layer, palette, window.devicePixelRatio);
    this.map = new MapLibre({
      container,
      style: basemap(palette, location.origin, fine !== null),
      center: [where.lon, where.lat],
      zoom: where.zoom,
      minZoom: 1.5,
      maxZoom: 16,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      attributionControl: false,
      // Nothing fades. With 0 the map would place every name anew at every frame, also where nothing has moved.
      fadeDuration: 0.1,
      refreshExpiredTiles: false,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new Scale(), 'bottom-right');
    this.map.on('style.load', () => this.#dress());
    this.map.on('click', (event) => this.#click(event));
    this.map.on('mousemove', (event) => this.#events.pointed(event.lngLat.lng, event.lngLat.lat));
    this.map.on('moveend', () => this.#moved());
    this.map.on('dragstart', () => this.#events.dragged());
    this.map.on('render', () => this.#rendered());
  }

  #dress(): void {
    this.map.addLayer(this.layer);
    this.map.addLayer(this.#names);
    addCase(this.map, this.#palette, 'tracks');
    addTrails(this.map, this.#palette, 'tracks');
    addDrawings(this.map, this.#palette, 'trails-halo');
    addOverlays(this.map, 'tracks');
    this.#mindCoast();
    void this.#showCharts();
    this.#drawings.forget();
    this.#overlays.forget();
    showSketch(this.map, this.#sketch);
    this.showCase(this.#case);
    if (this.#trails) this.showTrails(this.#trails);
    this.draw();
  }

  #moved(): void {
    const middle = this.map.getCenter();
    this.#events.moved({ lon: middle.lng, lat: middle.lat, zoom: this.map.getZoom() });
    this.map.getContainer().dataset['middle'] = `${middle.lat.toFixed(2)} ${middle.lng.toFixed(2)}`;
    this.#mindCoast();
    this.#overlaysAt = Math.min(this.#overlaysAt, performance.now() - OVERLAYS_EVERY + OVERLAYS_SOON);
    this.draw();
  }

  /** Beyond the bounds of the finer coast the other one is drawn, however near the map is. */
  #mindCoast(): void {
    if (this.#fine === null || !this.map.getLayer(COARSE[0]!)) return;
    const until = covers(this.#fine, this.box()) ? FINE_FROM : 24;
    if (this.map.getLayer(COARSE[0]!)!.maxzoom === until) return;
    for (const each of COARSE) this.map.setLayerZoomRange(each, 0, until);
  }

  /** Draws again, soon: the store or what is wanted of it has changed. */
  draw(): void {
    this.layer.hooked = this.#hooked === null ? undefined : this.#store.slotOf(this.#hooked);
    this.#hasChanged = true;
    this.map.triggerRepaint();
  }

  /** Cells and drawings go by what was drawn last, so they come after it. */
  #rendered(): void {
    if (!this.#hasChanged) return;
    this.#hasChanged = false;
    if (this.#overlaysDue) return;
    const wait = Math.max(0, this.#overlaysAt + OVERLAYS_EVERY - performance.now());
    this.#overlaysDue = window.setTimeout(() => this.#drawOverlays(), wait);
  }

  #drawOverlays(): void {
    this.#overlaysDue = 0;
    const seen = this.layer.seen;
    if (seen === undefined) return;
    // An empty picture is no turn: what comes first waits for nothing.
    this.#overlaysAt = performance.now() - (seen.count ? 0 : OVERLAYS_EVERY);
    const [hooked, said] = [this.layer.hooked, this.map.getContainer().dataset];
    // What was drawn last, for tests and for whoever wonders.
    said['symbols'] = String(seen.symbols);
    said['dots'] = String(seen.count - seen.symbols);
    said['names'] = String(this.#names.placed);
    this.#overlays.show(this.map, this.#store, this.layer.view(), this.#palette, this.#shown, hooked);
    said['cells'] = String(this.#overlays.drawn.length);
    this.#names.cells = this.#overlays.drawn;
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

  /** Shows a case of search and rescue, null: none. */
  showCase(shown: OnMap | null): void {
    this.#case = shown;
    this.map.getContainer().dataset['caseCells'] = String(showCase(this.map, shown));
  }

  /** The tracks that have a symbol on the screen, the first of them in no order that matters. */
  inSight(most: number): string[] {
    const seen = this.layer.seen;
    if (seen === undefined) return [];
    const slots = [...seen.slots.subarray(0, Math.min(most, seen.symbols))];
    return slots.flatMap((slot) => this.#store.metas[slot]?.uid ?? []);
  }

  /** Shows where tracks were. */
  showTrails(trails: Trails): void {
    this.#trails = trails;
    const count = showTrails(this.map, trails, this.#store, this.#hooked);
    this.map.getContainer().dataset['trails'] = String(count);
  }

  /** Shows another picture in place of the one before, such as a partner's. */
  see(store: Store, shown: (slot: number) => boolean): void {
    if (store === this.#store) return;
    this.#store = store;
    this.layer.see(store);
    this.#drawings.forget();
    this.#overlays.forget();
    this.#overlaysAt = -OVERLAYS_EVERY;
    this.#names.chooseAgain();
    this.want(shown);
  }

  /** Shows only the slots that are wanted; the hooked one always. */
  want(shown: (slot: number) => boolean): void {
    this.#shown = shown;
    this.layer.shown = shown;
    this.layer.isCell = (slot, world) => isDrawnAsCell(this.#store.metas[slot]?.cell ?? null, world);
    this.draw();
  }

  hook(uid: string | null): void {
    this.#hooked = uid;
    this.#overlaysAt = -OVERLAYS_EVERY;
    this.#names.chooseAgain();
    this.draw();
  }

  paint(palette: PaletteName): void {
    if (palette === this.#palette) return;
    this.#palette = palette;
    this.layer.repaint(palette);
    this.#names.repaint(palette);
    this.map.setStyle(basemap(palette, location.origin, this.#fine !== null), { diff: false });
  }

  /** Shows these charts of the node's own, and no others. */
  showCharts(charts: readonly ShownChart[]): void {
    this.#charts = charts;
    if (this.map.getLayer('tracks')) void this.#showCharts();
  }

  async #showCharts(): Promise<void> {
    const turn = ++this.#chartsTurn;
    const isCurrent = () => turn === this.#chartsTurn && this.map.getLayer('drawings-fill') !== undefined;
    const failed = await showOwnCharts(this.map, this.#charts, this.#palette, 'drawings-fill', isCurrent);
    if (failed.length || turn === this.#chartsTurn) this.#events.lacked(failed);
    this.map.getContainer().dataset['charts'] = String(this.#charts.length - failed.length);
  }

  /** What the map shows, as a box; west may be greater than east. */
  box(): Cell {
    const bounds = this.map.getBounds();
    const isAll = bounds.getEast() - bounds.getWest() >= 360;
    const [west, east] = isAll ? [-180, 180] : [wrapped(bounds.getWest()), wrapped(bounds.getEast())];
    return [west, Math.max(-90, bounds.getSouth()), east, Math.min(90, bounds.getNorth())];
  }

  lookAt(where: Where): void {
    this.map.jumpTo({ center: [where.lon, where.lat], zoom: where.zoom });
  }

  where(): Where {
    const middle = this.map.getCenter();
    return { lon: middle.lng, lat: middle.lat, zoom: this.map.getZoom() };
  }

  /** Keeps a track in the middle, as near as the map is. */
  keepInMiddle(uid: string): void {
    const slot = this.#store.slotOf(uid);
    if (slot === undefined || Number.isNaN(this.#store.lon[slot]!)) return;
    const [lon, lat] = [this.#store.lon[slot]!, this.#store.lat[slot]!];
    const { x, y } = this.map.project([lon, lat]);
    const { clientWidth, clientHeight } = this.map.getContainer();
    if (Math.hypot(x - clientWidth / 2, y - clientHeight / 2) >= 1) this.map.jumpTo({ center: [lon, lat] });
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
    const { world } = this.layer.view();
    for (let slot = 0; slot < this.#store.end; slot++) {
      const cell = this.#store.metas[slot]?.cell;
      if (cell && this.#shown(slot) && this.layer.isCell(slot, world) && isInside(cell, lon, lat)) return slot;
    }
    return undefined;
  }

  close(): void {
    window.clearTimeout(this.#overlaysDue);
    this.map.remove();
  }
}
