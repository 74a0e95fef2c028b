/** The bar beside the map that tells how far apart things on it are. */
import { METRES_PER_MILE } from './drawing';

const EQUATOR = 2 * Math.PI * 6378137; // metres, WGS 84: what Web Mercator takes for the world's width

/** The first figure of a distance that is easily halved and added up. */
const ROUND = [5, 3, 2, 1];

export interface Bar {
  miles: number;
  pixels: number;
}

/** The longest bar of a round distance that has no more than `most` pixels, where the world has `world` of them. */
export function barOf(lat: number, world: number, most: number): Bar {
  const aPixel = (EQUATOR * Math.cos((lat * Math.PI) / 180)) / world / METRES_PER_MILE;
  const power = Math.floor(Math.log10(aPixel * most));
  const first = ROUND.find((each) => each * 10 ** power <= aPixel * most) ?? 1;
  const miles = Number(`${first}e${power}`);
  return { miles, pixels: Math.round(miles / aPixel) };
}
