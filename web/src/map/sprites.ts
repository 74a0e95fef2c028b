/** Draws symbols once each into one sheet, from which the layer takes them. */
import ms, { type Symbol as MilSymbol } from 'milsymbol';
import { bareFrame, keyOf, type Look, NO_THING, reachOf } from '../picture/symbol';
import { MAP_COLOURS, type PaletteName } from './palette';

/** Pixels of a sprite's square, as the page counts them. */
export const SPRITE = 60;
/** Pixels of the sheet's side, as the graphics count them. */
export const SHEET = 2048;
const SIZE = 17;

/** It is read back at once: drawn by the graphics it would have to be fetched from there. */
const READ: CanvasRenderingContext2DSettings = { willReadFrequently: true };

/** Of each sheet, kept for the bare frames that are drawn when it is full. */
const KEPT_FREE = 24;

/**
 * What milsymbol draws its own canvases with, and does not have in its types. Those canvases are the graphics' own:
 * to read one back waits for all that the graphics have yet to do.
 */
interface Drawn extends MilSymbol {
  readonly bbox: { readonly x1: number; readonly y1: number };
  readonly style: { readonly size: number; readonly strokeWidth: number; readonly outlineWidth: number };
  readonly drawInstructions: readonly unknown[];
  canvasDraw(pen: CanvasRenderingContext2D, instructions: readonly unknown[]): void;
}

/** The pen of a new canvas that the graphics have nothing to do with. */
function canvas(side: number): CanvasRenderingContext2D {
  const made = document.createElement('canvas');
  made.width = made.height = side;
  return made.getContext('2d', READ)!;
}

/** The sheet: grows by sprites, never by sheets; when it is full a track gets the bare frame. */
export class Sprites {
  readonly columns: number;
  /** By sprite, its drawing, which the graphics have to be sent. */
  readonly drawings: ImageData[] = [];
  /** By sprite, the pixels of the square that it has anything in: the rest of SPRITE is not drawn. */
  readonly sides: number[] = [];
  readonly #ratio: number;
  readonly #cells = new Map<string, number>();
  #palette: PaletteName;

  constructor(palette: PaletteName, ratio: number) {
    this.#ratio = ratio;
    this.#palette = palette;
    this.columns = Math.floor(SHEET / (SPRITE * ratio));
  }

  /** Forgets every drawing: they are made again in another palette. */
  repaint(palette: PaletteName): void {
    this.#palette = palette;
    this.#cells.clear();
    this.drawings.length = this.sides.length = 0;
  }

  /** The number of a look's sprite; draws it when it is new. */
  cell(look: Look): number {
    const key = keyOf(look);
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    const isFull = this.#cells.size >= this.columns ** 2 - KEPT_FREE;
    const bare = bareFrame(look);
    if (isFull && keyOf(bare) !== key) return this.cell(bare);
    if (this.#cells.size >= this.columns ** 2) return this.#cells.size - 1;
    const cell = this.#cells.size;
    this.#draw(look);
    this.#cells.set(key, cell);
    return cell;
  }

  #draw(look: Look): void {
    const side = SPRITE * this.#ratio;
    const drawing = this.#sprite(look).getImageData(0, 0, side, side);
    this.drawings.push(drawing);
    this.sides.push(Math.min(SPRITE, 2 * Math.ceil(reachOf(drawing.data, side) / this.#ratio)));
  }

  #sprite(look: Look): CanvasRenderingContext2D {
    const side = SPRITE * this.#ratio;
    const pen = canvas(side);
    pen.globalAlpha = look.age === 'live' ? 1 : 0.6;
    if (look.sidc === NO_THING) this.#diamondOfNothing(pen);
    else this.#symbol(pen, look.sidc);
    pen.setTransform(this.#ratio, 0, 0, this.#ratio, side / 2, side / 2);
    pen.globalAlpha = 1;
    this.#marks(pen, look);
    this.#tint(pen, side);
    return pen;
  }

  #symbol(pen: CanvasRenderingContext2D, sidc: string): void {
    const palette = MAP_COLOURS[this.#palette];
    const symbol = new ms.Symbol(sidc, {
      size: SIZE * this.#ratio,
      civilianColor: false,
      outlineColor: palette.outline,
      outlineWidth: 6,
    }) as unknown as Drawn;
    const { bbox, style } = symbol;
    const anchor = symbol.getAnchor();
    const middle = (SPRITE * this.#ratio) / 2;
    const [edge, scale] = [style.strokeWidth + style.outlineWidth, style.size / 100];
    const own = canvas(2 * middle); // it changes how much shines through, which is ours to say
    own.setTransform(scale, 0, 0, scale, Math.round(middle - anchor.x), Math.round(middle - anchor.y));
    own.translate(edge - bbox.x1, edge - bbox.y1);
    symbol.canvasDraw(own, symbol.drawInstructions);
    pen.drawImage(own.canvas, 0, 0);
  }

  #diamondOfNothing(pen: CanvasRenderingContext2D): void {
    const r = this.#ratio;
    pen.setTransform(r, 0, 0, r, (SPRITE * r) / 2, (SPRITE * r) / 2);
    pen.fillStyle = '#d9d9d9';
    pen.strokeStyle = '#101010';
    pen.lineWidth = 2;
    pen.beginPath();
    pen.moveTo(0, -8);
    pen.lineTo(8, 0);
    pen.lineTo(0, 8);
    pen.lineTo(-8, 0);
    pen.closePath();
    pen.fill();
    pen.stroke();
  }

  #marks(pen: CanvasRenderingContext2D, look: Look): void {
    const mark = MAP_COLOURS[this.#palette].mark;
    pen.strokeStyle = mark;
    pen.lineWidth = 1.5;
    if (look.age === 'stale') {
      pen.setLineDash([3, 3]);
      pen.beginPath();
      pen.arc(0, 0, 19, 0, 7);
      pen.stroke();
      pen.setLineDash([]);
    }
    if (look.age === 'lost') {
      pen.beginPath();
      for (const [x, y] of [[-14, -14], [14, -14]] as const) {
        pen.moveTo(x, y);
        pen.lineTo(-x, -y);
      }
      pen.stroke();
    }
    if (look.emergency) this.#emergency(pen);
    if (look.exercise) this.#chip(pen, 'X', 14, -15, '#ffd400', '#000000');
    if (look.nation) this.#chip(pen, look.nation, 0, 22, '#000000', '#ffffff');
  }

  #emergency(pen: CanvasRenderingContext2D): void {
    for (const [colour, width] of [['#000000', 5], ['#ff2a2a', 3]] as const) {
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.beginPath();
      pen.arc(0, 0, 23, 0, 7);
      pen.stroke();
    }
  }

  /** Letters on a plate: what must be read in every palette, and without colour. */
  #chip(pen: CanvasRenderingContext2D, text: string, x: number, y: number, plate: string, ink: string): void {
    pen.font = 'bold 10px "Noto Sans", sans-serif';
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    const wide = pen.measureText(text).width + 6;
    pen.fillStyle = plate;
    pen.fillRect(x - wide / 2, y - 6, wide, 13);
    pen.strokeStyle = ink;
    pen.lineWidth = 1;
    pen.strokeRect(x - wide / 2, y - 6, wide, 13);
    pen.fillStyle = ink;
    pen.fillText(text, x, y + 1);
  }

  /** Multiplies what is drawn with the palette's light. */
  #tint(pen: CanvasRenderingContext2D, side: number): void {
    const tint = MAP_COLOURS[this.#palette].tint;
    if (tint === null) return;
    const shape = canvas(side);
    shape.drawImage(pen.canvas, 0, 0);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    // Grey first: blue under a red light would be black.
    for (const [mode, fill] of [['saturation', '#808080'], ['multiply', tint]] as const) {
      pen.globalCompositeOperation = mode;
      pen.fillStyle = fill;
      pen.fillRect(0, 0, side, side);
    }
    pen.globalCompositeOperation = 'destination-in';
    pen.drawImage(shape.canvas, 0, 0);
  }
}
