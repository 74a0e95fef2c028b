/** Writes the names of tracks into the map's own WebGL, in the same frame as their symbols. */
import type { CustomLayerInterface, Map as MapLibre } from 'maplibre-gl';
import { screenX, screenY, type View } from '../picture/declutter';
import { mercatorX, mercatorY } from '../picture/geo';
import { labelled, labelOf } from '../picture/overlay';
import { type Box, boxAt, type Name, NOWHERE, place } from '../picture/placing';
import { FONT } from './basemap';
import { Lettering, TALL, WIDE, type Written } from './lettering';
import type { PaletteName } from './palette';
import { program, type TracksLayer, uniforms, vertices } from './tracks-layer';

/** Names at one time, of symbols and cells together. */
const MOST = 120;

/** Milliseconds between choices of what is named: where a name stands is looked at at every frame. */
const CHOOSE_EVERY = 500;

const FLOATS = 4; // x, y of the screen and of the sheet
const CORNERS = [[0, 0], [1, 0], [0, 1], [0, 1], [1, 0], [1, 1]] as const; // prettier-ignore

/** Of the names of places, which are the map's own: letters are about so wide and high. */
const PLACE_LETTER = 6;
const PLACE_HEIGHT = 14;

const VERTEX = `#version 300 es
uniform vec2 u_screen;
layout(location=0) in vec2 a_at;
layout(location=1) in vec2 a_sheet;
out vec2 v_sheet;
void main() {
  gl_Position = vec4(a_at.x / u_screen.x * 2.0 - 1.0, 1.0 - a_at.y / u_screen.y * 2.0, 0.0, 1.0);
  v_sheet = a_sheet;
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
uniform sampler2D u_sheet;
in vec2 v_sheet;
out vec4 colour;
void main() { colour = texture(u_sheet, v_sheet); }`;

interface Graphics {
  program: WebGLProgram;
  array: WebGLVertexArrayObject;
  buffer: WebGLBuffer;
}

interface Chosen {
  slot: number;
  isCell: boolean;
}

/** The layer. It goes by what the tracks' layer drew in the same frame. */
export class NamesLayer implements CustomLayerInterface {
  readonly id = 'names';
  readonly type = 'custom';
  /** The slots that are drawn as cells: their names stand in them. */
  cells: readonly number[] = [];
  /** How many names the last frame had. */
  placed = 0;
  readonly #tracks: TracksLayer;
  readonly #ratio: number;
  readonly #lettering: Lettering;
  readonly #sides = new Map<number, number>();
  readonly #vertices = new Float32Array(MOST * CORNERS.length * FLOATS);
  #map: MapLibre | undefined;
  #graphics: Graphics | undefined;
  #chosen: Chosen[] = [];
  #chosenAt = -CHOOSE_EVERY;
  #places: { x: number; y: number; width: number }[] = [];
  #hasMoved = true;
  /** What the sides of the names go by: while none of it changes, they move with the map and stay apart. */
  #sidesBy: readonly unknown[] = [];

  constructor(tracks: TracksLayer, palette: PaletteName, ratio: number) {
    this.#tracks = tracks;
    this.#ratio = ratio;
    this.#lettering = new Lettering(palette, Math.min(2, Math.ceil(ratio)));
    // What was written before the letters came is written again.
    void document.fonts.load(`12px "${FONT}"`).then(() => this.#forget());
  }

  repaint(palette: PaletteName): void {
    this.#lettering.repaint(palette);
    this.#sidesBy = [];
  }

  /** Chooses anew what is named, at the next frame: something is hooked, or the picture is another. */
  chooseAgain(): void {
    this.#chosenAt = -CHOOSE_EVERY;
  }

  #forget(): void {
    this.#lettering.forget();
    this.#sidesBy = [];
    this.#map?.triggerRepaint();
  }

  onAdd(map: MapLibre, gl: WebGL2RenderingContext | WebGLRenderingContext): void {
    this.#map = map;
    const into = gl as WebGL2RenderingContext;
    const [array, buffer] = vertices(into, [2, 2]);
    this.#graphics = { program: program(into, VERTEX, FRAGMENT), array, buffer };
    this.#lettering.begin(into);
    map.on('move', this.#moved);
    map.on('idle', this.#rested);
  }

  onRemove(map: MapLibre): void {
    this.#graphics = undefined;
    map.off('move', this.#moved);
    map.off('idle', this.#rested);
  }

  readonly #moved = (): void => {
    this.#hasMoved = true;
  };

  /** Looks where the map has written the names of places: ours do not lie on them. */
  readonly #rested = (): void => {
    const map = this.#map;
    if (!this.#hasMoved || map?.getLayer('places') === undefined) return;
    this.#hasMoved = false;
    this.#places = map.queryRenderedFeatures({ layers: ['places'] }).flatMap(({ geometry, properties }) => {
      if (geometry.type !== 'Point') return [];
      const [lon, lat] = geometry.coordinates as [number, number];
      return [{ x: mercatorX(lon), y: mercatorY(lat), width: PLACE_LETTER * String(properties['name']).length }];
    });
    map.triggerRepaint();
  };

  render(gl: WebGL2RenderingContext | WebGLRenderingContext): void {
    const { seen, hooked, store } = this.#tracks;
    if (this.#graphics === undefined || seen === undefined) return;
    const now = performance.now();
    if (now - this.#chosenAt >= CHOOSE_EVERY) {
      this.#chosenAt = now;
      const cells = this.cells.map((slot) => ({ slot, isCell: true }));
      const symbols = labelled(store, seen, hooked).map((slot) => ({ slot, isCell: false }));
      const first = hooked !== undefined && this.cells.includes(hooked) ? [{ slot: hooked, isCell: true }] : [];
      this.#chosen = [...first, ...symbols, ...cells.filter(({ slot }) => slot !== hooked)].slice(0, MOST);
    }
    this.#write(gl as WebGL2RenderingContext, this.#graphics, this.#tracks.view());
  }

  #write(gl: WebGL2RenderingContext, graphics: Graphics, view: View): void {
    gl.activeTexture(gl.TEXTURE0);
    this.#lettering.bind(gl);
    const { store } = this.#tracks;
    const names: Name[] = [];
    const written: Written[] = [];
    const slots: number[] = [];
    for (const { slot, isCell } of this.#chosen) {
      const meta = store.metas[slot];
      const [x, y] = [screenX(view, store.x[slot]!), screenY(view, store.y[slot]!)];
      // NaN is in no interval; and what is gone since it was chosen has no name.
      if (meta === undefined || !(x > -WIDE && x < view.width + WIDE && y > -TALL && y < view.height + TALL)) continue;
      const text = this.#lettering.of(gl, isCell ? `${labelOf(meta)}\n≈ ${meta.form ?? ''}` : labelOf(meta));
      names.push({ x, y, width: text.width, height: text.height, isInside: isCell, side: this.#sides.get(slot) ?? NOWHERE });
      written.push(text);
      slots.push(slot);
    }
    this.#keepApart(names, slots, view);
    this.placed = 0;
    slots.forEach((slot, n) => {
      const side = this.#sides.get(slot) ?? NOWHERE;
      if (side === NOWHERE) return;
      this.#fill(this.placed++, boxAt(names[n]!, side), written[n]!);
    });
    this.#draw(gl, graphics, view);
  }

  /** Finds each name its side, where they do not stay as they are. */
  #keepApart(names: readonly Name[], slots: readonly number[], view: View): void {
    const { store } = this.#tracks;
    const by = [store, store.version, view.world, this.#chosen, this.#places];
    if (by.every((each, n) => each === this.#sidesBy[n])) return;
    this.#sidesBy = by;
    const sides = place(names, this.#taken(view));
    this.#sides.clear();
    sides.forEach((side, n) => side !== NOWHERE && this.#sides.set(slots[n]!, side));
  }

  #taken(view: View): Box[] {
    return this.#places.map(({ x, y, width }) => {
      return { x: screenX(view, x) - width / 2, y: screenY(view, y) - PLACE_HEIGHT / 2, width, height: PLACE_HEIGHT };
    });
  }

  #fill(n: number, box: Box, { left, top }: Written): void {
    // Whole pixels of the screen: letters between two would be blurred.
    const [x, y] = [box.x, box.y].map((each) => Math.round(each * this.#ratio) / this.#ratio) as [number, number];
    CORNERS.forEach(([right, down], corner) => {
      const [across, along] = [right * box.width, down * box.height];
      const at = FLOATS * (CORNERS.length * n + corner);
      this.#vertices.set([x + across, y + along, ...this.#lettering.at(left + across, top + along)], at);
    });
  }

  #draw(gl: WebGL2RenderingContext, { program, array, buffer }: Graphics, view: View): void {
    if (this.placed === 0) return;
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.useProgram(program);
    const at = uniforms(gl, program);
    gl.uniform2f(at('u_screen'), view.width, view.height);
    gl.uniform1i(at('u_sheet'), 0);
    gl.bindVertexArray(array);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    const count = CORNERS.length * this.placed;
    gl.bufferData(gl.ARRAY_BUFFER, this.#vertices.subarray(0, FLOATS * count), gl.DYNAMIC_DRAW);
    gl.drawArrays(gl.TRIANGLES, 0, count);
    gl.bindVertexArray(null);
  }
}
