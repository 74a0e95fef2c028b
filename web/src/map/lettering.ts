/** Writes each name once into a sheet, from which the names' layer takes it. */
import { FONT } from './basemap';
import { MAP_COLOURS, type PaletteName } from './palette';

/** Pixels of a name's place in the sheet, as the page counts them; a longer name is cut. */
export const WIDE = 256;
export const TALL = 32;

/** Names of a row, and rows. */
const ACROSS = 4;
const DOWN = 64;

const SIZE = 12;
const LINE = 15;
const HALO = 1.6;

/** Where a name stands in the sheet, and how large it is. */
export interface Written {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** The sheet: what was not asked for the longest gives its place to what is new. */
export class Lettering {
  readonly #ratio: number;
  readonly #pen: CanvasRenderingContext2D;
  /** In the order in which they were asked for last. */
  readonly #written = new Map<string, Written>();
  #palette: PaletteName;
  #sheet: WebGLTexture | undefined;

  constructor(palette: PaletteName, ratio: number) {
    this.#palette = palette;
    this.#ratio = ratio;
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [WIDE * ratio, TALL * ratio];
    this.#pen = canvas.getContext('2d', { willReadFrequently: true })!;
  }

  /** Makes an empty sheet of the graphics. */
  begin(gl: WebGL2RenderingContext): void {
    this.forget();
    this.#sheet = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, this.#sheet);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, ACROSS * WIDE * this.#ratio, DOWN * TALL * this.#ratio);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
  }

  bind(gl: WebGL2RenderingContext): void {
    gl.bindTexture(gl.TEXTURE_2D, this.#sheet!);
  }

  forget(): void {
    this.#written.clear();
  }

  repaint(palette: PaletteName): void {
    this.#palette = palette;
    this.forget();
  }

  /** What a place in the sheet, in pixels, is to the graphics. */
  at(x: number, y: number): [number, number] {
    return [x / (ACROSS * WIDE), y / (DOWN * TALL)];
  }

  /** A name in the sheet, which is bound; writes it when it is new. */
  of(gl: WebGL2RenderingContext, text: string): Written {
    const known = this.#written.get(text);
    const written = known ?? this.#write(gl, text, this.#place());
    if (known) this.#written.delete(text);
    this.#written.set(text, written);
    return written;
  }

  #place(): number {
    if (this.#written.size < ACROSS * DOWN) return this.#written.size;
    const [oldest, { left, top }] = this.#written.entries().next().value!;
    this.#written.delete(oldest);
    return left / WIDE + (ACROSS * top) / TALL;
  }

  #write(gl: WebGL2RenderingContext, text: string, place: number): Written {
    const [pen, ratio] = [this.#pen, this.#ratio];
    const { label, halo } = MAP_COLOURS[this.#palette];
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, WIDE, TALL);
    pen.font = `${SIZE}px "${FONT}", sans-serif`;
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.lineJoin = 'round';
    pen.lineWidth = 2 * HALO;
    [pen.strokeStyle, pen.fillStyle] = [halo, label];
    const lines = text.split('\n').map((line) => this.#cut(line));
    const width = Math.min(WIDE, Math.ceil(Math.max(...lines.map((line) => pen.measureText(line).width)) + 2 * HALO + 1));
    lines.forEach((line, n) => {
      pen.strokeText(line, width / 2, LINE * (n + 0.5));
      pen.fillText(line, width / 2, LINE * (n + 0.5));
    });
    const written = { left: WIDE * (place % ACROSS), top: TALL * Math.floor(place / ACROSS), width, height: LINE * lines.length };
    const drawn = pen.getImageData(0, 0, width * ratio, written.height * ratio);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, written.left * ratio, written.top * ratio, gl.RGBA, gl.UNSIGNED_BYTE, drawn);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    return written;
  }

  #cut(line: string): string {
    const letters = [...line];
    const fits = (text: string) => this.#pen.measureText(text).width <= WIDE - 2 * HALO - 1;
    if (fits(line)) return line;
    while (letters.length && !fits(`${letters.join('')}…`)) letters.pop();
    return `${letters.join('')}…`;
  }
}
