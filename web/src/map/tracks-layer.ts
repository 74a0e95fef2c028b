/** Draws the tracks into the map's own WebGL: points from a sheet of sprites, and speed vectors as lines. */
import type { CustomLayerInterface, Map as MapLibre } from 'maplibre-gl';
import { Declutter, screenY, type Seen, Sieve, Spots, type View } from '../picture/declutter';
import { acrossSeam, ahead, mercatorX, mercatorY } from '../picture/geo';
import type { Meta } from '../picture/frames';
import { HAS_CELL, SIDES, type Store } from '../picture/store';
import { lookOf } from '../picture/symbol';
import { MAP_COLOURS, type PaletteName } from './palette';
import { SHEET, SPRITE, Sprites } from './sprites';

/** Seconds that a speed vector looks ahead: six minutes, as on a radar. */
export const VECTOR = 360;
const LEAST_SPEED = 0.5; // m/s: less is swinging at anchor
const LEAST_PIXELS = 8;

/** Milliseconds after which every track is asked again whether it is wanted: some wishes go by the clock. */
const ASK_AGAIN = 1000;

const POINT_FLOATS = 5; // x, y, sprite, size, colour
const LINE_FLOATS = 5; // x, y, r, g, b
const DOT = 5;
const HOOK = -2;
const HOOK_SIZE = 56;
/** Colours of points: one for each of SIDES, and that of the hook's mark. */
const COLOURS = SIDES.length + 1;

const VERTEX = `#version 300 es
uniform vec2 u_screen;
uniform float u_ratio;
uniform vec3 u_colours[${COLOURS}];
layout(location=0) in vec2 a_at;
layout(location=1) in vec3 a_look; // sprite, size, colour
flat out float v_sprite;
flat out float v_part; // of the sprite's square that is drawn
flat out vec3 v_colour;
void main() {
  gl_Position = vec4(a_at.x / u_screen.x * 2.0 - 1.0, 1.0 - a_at.y / u_screen.y * 2.0, 0.0, 1.0);
  gl_PointSize = a_look.y * u_ratio;
  v_sprite = a_look.x;
  v_part = a_look.y / ${SPRITE}.0;
  v_colour = u_colours[int(a_look.z)];
}`;

const FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D u_sheet;
uniform vec2 u_grid; // columns, and a sprite's part of the sheet
flat in float v_sprite;
flat in float v_part;
flat in vec3 v_colour;
out vec4 colour;
void main() {
  vec2 p = gl_PointCoord;
  if (v_sprite >= 0.0) {
    vec2 cell = vec2(mod(v_sprite, u_grid.x), floor(v_sprite / u_grid.x));
    colour = texture(u_sheet, (cell + 0.5 + (p - 0.5) * v_part) * u_grid.y);
  } else if (v_sprite > -1.5) {
    vec2 q = p - 0.5;
    float far = dot(q, q); // no discard: a dot has few pixels, and most of them are in it
    colour = far > 0.25 ? vec4(0.0) : vec4(far > 0.11 ? v_colour * 0.25 : v_colour, 1.0);
  } else {
    vec2 q = abs(p - 0.5);
    float edge = max(q.x, q.y);
    if (edge < 0.42 || min(q.x, q.y) < 0.22) discard;
    colour = vec4(v_colour, 1.0);
  }
}`;

const LINE_VERTEX = `#version 300 es
uniform vec2 u_screen;
layout(location=0) in vec2 a_at;
layout(location=1) in vec3 a_colour;
out vec3 v_colour;
void main() {
  gl_Position = vec4(a_at.x / u_screen.x * 2.0 - 1.0, 1.0 - a_at.y / u_screen.y * 2.0, 0.0, 1.0);
  v_colour = a_colour;
}`;

const LINE_FRAGMENT = `#version 300 es
precision mediump float;
in vec3 v_colour;
out vec4 colour;
void main() { colour = vec4(v_colour, 1.0); }`;

/** Compiles and links. Whether that went well is asked at the first use: the graphics have time for it until then. */
export function program(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram {
  const made = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(made, shader);
  }
  gl.linkProgram(made);
  return made;
}

const known = new WeakMap<WebGLProgram, Map<string, WebGLUniformLocation | null>>();

/** Where a program has its uniforms: asked of it once each. */
export function uniforms(gl: WebGL2RenderingContext, made: WebGLProgram): (name: string) => WebGLUniformLocation | null {
  let from = known.get(made);
  if (from === undefined) {
    if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made) ?? 'no shader');
    known.set(made, (from = new Map()));
  }
  const places = from;
  return (name) => {
    if (!places.has(name)) places.set(name, gl.getUniformLocation(made, name));
    return places.get(name)!;
  };
}

/** A buffer with its vertex array; `parts` are the widths of its attributes in floats. */
export function vertices(gl: WebGL2RenderingContext, parts: readonly number[]): [WebGLVertexArrayObject, WebGLBuffer] {
  const [array, buffer] = [gl.createVertexArray(), gl.createBuffer()];
  gl.bindVertexArray(array);
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  const all = parts.reduce((sum, each) => sum + each, 0);
  let from = 0;
  parts.forEach((width, at) => {
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, width, gl.FLOAT, false, 4 * all, 4 * from);
    from += width;
  });
  gl.bindVertexArray(null);
  return [array, buffer];
}

interface Graphics {
  points: WebGLProgram;
  lines: WebGLProgram;
  pointArray: WebGLVertexArrayObject;
  pointBuffer: WebGLBuffer;
  lineArray: WebGLVertexArrayObject;
  lineBuffer: WebGLBuffer;
  sheet: WebGLTexture;
}

/** The layer. What it drew last is in `seen`, for whoever points at it. */
export class TracksLayer implements CustomLayerInterface {
  readonly id = 'tracks';
  readonly type = 'custom';
  seen: Seen | undefined;
  /** Which slots are wanted; and which is hooked. */
  shown: (slot: number) => boolean = () => true;
  hooked: number | undefined;
  /** Whether a slot is drawn as its cell instead. */
  isCell: (slot: number, world: number) => boolean = () => false;
  store: Store;
  readonly #sprites: Sprites;
  readonly #ratio: number;
  readonly #declutter = new Declutter();
  readonly #spots = new Spots();
  readonly #sieve = new Sieve();
  #palette: PaletteName;
  #map: MapLibre | undefined;
  /** Kept: to ask for it at every frame would have the page laid out in the middle of each. */
  #screen = { width: 0, height: 0 };
  #graphics: Graphics | undefined;
  #sent = 0;
  #shades: Float32Array | undefined;
  /** By slot, of what its sprite was made, and which it is. */
  #known: ({ meta: Meta; state: number; sprite: number } | undefined)[] = [];
  #points = new Float32Array(POINT_FLOATS * 1024);
  #lines = new Float32Array(2 * LINE_FLOATS * 1024);

  constructor(store: Store, palette: PaletteName, ratio: number) {
    this.store = store;
    this.#palette = palette;
    this.#ratio = ratio;
    this.#sprites = new Sprites(palette, Math.min(2, Math.max(1, ratio)));
  }

  /** Draws another picture from now on. */
  see(store: Store): void {
    this.store = store;
    this.seen = undefined;
    this.#known = [];
  }

  repaint(palette: PaletteName): void {
    this.#palette = palette;
    this.#shades = undefined;
    this.#sprites.repaint(palette);
    this.#sent = 0;
    this.#known = [];
  }

  onAdd(map: MapLibre, gl: WebGL2RenderingContext | WebGLRenderingContext): void {
    this.#map = map;
    this.#resized();
    map.on('resize', this.#resized);
    const into = gl as WebGL2RenderingContext;
    const [pointArray, pointBuffer] = vertices(into, [2, 3]);
    const [lineArray, lineBuffer] = vertices(into, [2, 3]);
    this.#graphics = {
      points: program(into, VERTEX, FRAGMENT),
      lines: program(into, LINE_VERTEX, LINE_FRAGMENT),
      pointArray, pointBuffer, lineArray, lineBuffer,
      sheet: sheet(into),
    }; // prettier-ignore
    this.#sent = 0;
  }

  onRemove(map: MapLibre): void {
    this.#graphics = undefined;
    map.off('resize', this.#resized);
  }

  readonly #resized = (): void => {
    const { clientWidth: width, clientHeight: height } = this.#map!.getContainer();
    this.#screen = { width, height };
  };

  /** What of the world the map shows now. */
  view(): View {
    const map = this.#map!;
    const middle = map.getCenter();
    return {
      x: mercatorX(middle.lng),
      y: mercatorY(middle.lat),
      world: 512 * 2 ** map.getZoom(),
      ...this.#screen,
    };
  }

  render(gl: WebGL2RenderingContext | WebGLRenderingContext): void {
    if (this.#graphics === undefined) return;
    const view = this.view();
    const { shown } = this;
    const { marks } = this.store;
    const isCell = (slot: number) => (marks[slot]! & HAS_CELL) !== 0 && this.isCell(slot, view.world);
    const asked = Math.floor(performance.now() / ASK_AGAIN);
    const passes = this.#sieve.sift(this.store, (slot) => shown(slot) && !isCell(slot), shown, view.world, asked);
    const wanted = (slot: number) => passes[slot] === 1;
    const isPoint = this.hooked !== undefined && !isCell(this.hooked);
    const seen = this.#declutter.look(this.store, view, wanted, isPoint ? this.hooked : undefined);
    this.seen = seen;
    const count = this.#fillPoints(seen, view);
    const lines = this.#fillLines(seen, view);
    const into = gl as WebGL2RenderingContext;
    into.disable(into.DEPTH_TEST);
    into.disable(into.STENCIL_TEST);
    into.enable(into.BLEND);
    into.blendFunc(into.ONE, into.ONE_MINUS_SRC_ALPHA);
    this.#drawLines(into, this.#graphics, view, lines);
    this.#drawPoints(into, this.#graphics, view, count);
    into.bindVertexArray(null);
  }

  /** Dots first, then symbols, the hooked one's mark last: later is above. */
  #fillPoints(seen: Seen, view: View): number {
    if (this.#points.length < POINT_FLOATS * (seen.count + 1)) {
      this.#points = new Float32Array(2 * POINT_FLOATS * (seen.count + 1));
    }
    const { weight, side } = this.store;
    const { slots, px, py, symbols } = seen;
    let n = 0;
    this.#spots.begin(view, seen.count - symbols);
    for (let at = 0; at < symbols; at++) this.#spots.cover(px[at]!, py[at]!);
    for (let at = seen.count - 1; at >= 0; at--) {
      const slot = slots[at]!;
      if (at < symbols) {
        const sprite = this.#sprite(slot);
        this.#point(n++, px[at]!, py[at]!, sprite, this.#sprites.sides[sprite]!, side[slot]!);
      } else if (this.#spots.takes(px[at]!, py[at]!, weight[slot]!)) {
        // Of a hundred dots in one place one is seen: the others would cost as much.
        this.#point(n++, px[at]!, py[at]!, -1, DOT, side[slot]!);
      }
    }
    const hooked = this.#hookedAt(seen);
    if (hooked !== undefined) this.#point(n++, px[hooked]!, py[hooked]!, HOOK, HOOK_SIZE, SIDES.length);
    return n;
  }

  #hookedAt(seen: Seen): number | undefined {
    if (this.hooked === undefined) return undefined;
    const at = seen.slots.subarray(0, seen.symbols).indexOf(this.hooked);
    return at < 0 ? undefined : at;
  }

  /** What is said of a track seldom changes: its sprite is looked up again only then. */
  #sprite(slot: number): number {
    const { metas, state } = this.store;
    const meta = metas[slot]!;
    const known = this.#known[slot];
    if (known?.meta === meta && known.state === state[slot]) return known.sprite;
    const sprite = this.#sprites.cell(lookOf(meta, state[slot]!));
    this.#known[slot] = { meta, state: state[slot]!, sprite };
    return sprite;
  }

  #point(n: number, x: number, y: number, sprite: number, size: number, colour: number): void {
    const [points, at] = [this.#points, POINT_FLOATS * n];
    // Whole pixels: a symbol between two would be blurred.
    points[at] = Math.round(x);
    points[at + 1] = Math.round(y);
    points[at + 2] = sprite;
    points[at + 3] = size;
    points[at + 4] = colour;
  }

  #colours(): Float32Array {
    return (this.#shades ??= coloursIn(this.#palette));
  }

  #fillLines(seen: Seen, view: View): number {
    if (this.#lines.length < 2 * LINE_FLOATS * seen.symbols) {
      this.#lines = new Float32Array(4 * LINE_FLOATS * seen.symbols);
    }
    const { lon, lat, course, speed, state, side } = this.store;
    const colours = this.#colours();
    let n = 0;
    for (let at = 0; at < seen.symbols; at++) {
      const slot = seen.slots[at]!;
      if (!(speed[slot]! >= LEAST_SPEED) || Number.isNaN(course[slot]!) || state[slot] !== 0) continue;
      const [toLon, toLat] = ahead(lon[slot]!, lat[slot]!, course[slot]!, speed[slot]! * VECTOR);
      const [x, y] = [seen.px[at]!, seen.py[at]!];
      const toX = x + acrossSeam(mercatorX(toLon) - mercatorX(lon[slot]!)) * view.world;
      const toY = screenY(view, mercatorY(toLat));
      if (Math.hypot(toX - x, toY - y) < LEAST_PIXELS) continue;
      const rgb = colours.subarray(3 * side[slot]!, 3 * side[slot]! + 3);
      this.#line(n++, x, y, rgb);
      this.#line(n++, toX, toY, rgb);
    }
    return n;
  }

  #line(n: number, x: number, y: number, rgb: Float32Array): void {
    this.#lines[LINE_FLOATS * n] = x;
    this.#lines[LINE_FLOATS * n + 1] = y;
    this.#lines.set(rgb, LINE_FLOATS * n + 2);
  }

  #drawLines(gl: WebGL2RenderingContext, graphics: Graphics, view: View, count: number): void {
    if (count === 0) return;
    gl.useProgram(graphics.lines);
    gl.uniform2f(uniforms(gl, graphics.lines)('u_screen'), view.width, view.height);
    gl.bindVertexArray(graphics.lineArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, graphics.lineBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.#lines.subarray(0, LINE_FLOATS * count), gl.DYNAMIC_DRAW);
    gl.drawArrays(gl.LINES, 0, count);
  }

  #drawPoints(gl: WebGL2RenderingContext, graphics: Graphics, view: View, count: number): void {
    if (count === 0) return;
    gl.useProgram(graphics.points);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, graphics.sheet);
    this.#sendSheet(gl);
    const at = uniforms(gl, graphics.points);
    gl.uniform2f(at('u_screen'), view.width, view.height);
    gl.uniform1f(at('u_ratio'), this.#ratio);
    gl.uniform3fv(at('u_colours'), this.#colours());
    gl.uniform1i(at('u_sheet'), 0);
    const side = SPRITE * Math.min(2, Math.max(1, this.#ratio));
    gl.uniform2f(at('u_grid'), this.#sprites.columns, side / SHEET);
    gl.bindVertexArray(graphics.pointArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, graphics.pointBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.#points.subarray(0, POINT_FLOATS * count), gl.DYNAMIC_DRAW);
    gl.drawArrays(gl.POINTS, 0, count);
  }

  /** Sends the drawings that the graphics do not have yet. */
  #sendSheet(gl: WebGL2RenderingContext): void {
    const { drawings, columns } = this.#sprites;
    if (this.#sent === drawings.length) return;
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    for (; this.#sent < drawings.length; this.#sent++) {
      const drawing = drawings[this.#sent]!;
      const [left, top] = [this.#sent % columns, Math.floor(this.#sent / columns)].map((each) => each * drawing.width);
      gl.texSubImage2D(gl.TEXTURE_2D, 0, left!, top!, gl.RGBA, gl.UNSIGNED_BYTE, drawing);
    }
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
  }
}

/** What `colour` of a point stands for, as the shaders have it. */
function coloursIn(palette: PaletteName): Float32Array {
  const mark = palette === 'day' ? [0, 0, 0] : palette === 'dusk' ? [255, 255, 255] : [255, 106, 74];
  return Float32Array.from([...SIDES.flatMap((side) => MAP_COLOURS[palette].tracks[side]), ...mark], (each) => each / 255);
}

/** The sheet, with nothing in it. */
function sheet(gl: WebGL2RenderingContext): WebGLTexture {
  const made = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, made);
  gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, SHEET, SHEET);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  return made;
}
