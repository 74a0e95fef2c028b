/** The three palettes of the map. Colour that shouts belongs to tracks; what lies under them is quiet. */
import type { Affiliation } from '../picture/frames';

export type PaletteName = 'day' | 'dusk' | 'night';
export const PALETTES: readonly PaletteName[] = ['day', 'dusk', 'night'];

export type Rgb = readonly [number, number, number];

export interface Palette {
  sea: string;
  /** Depths from 200 m down, each a little darker (or lighter) than the one above it. */
  depths: readonly [number, string][];
  land: string;
  coast: string;
  border: string;
  river: string;
  text: string;
  halo: string;
  label: string;
  /** What finished symbols are multiplied with; null leaves them as they are. */
  tint: string | null;
  outline: string;
  tracks: Record<Affiliation, Rgb>;
  mark: string;
}

const TRACKS_DAY: Record<Affiliation, Rgb> = {
  f: [0, 96, 190], a: [0, 96, 190], n: [20, 125, 45], u: [150, 110, 0], p: [150, 110, 0],
  s: [196, 90, 0], h: [200, 20, 20], j: [200, 20, 20], k: [200, 20, 20],
}; // prettier-ignore

const TRACKS_DUSK: Record<Affiliation, Rgb> = {
  f: [110, 190, 255], a: [110, 190, 255], n: [130, 220, 140], u: [250, 222, 110], p: [250, 222, 110],
  s: [255, 160, 70], h: [255, 105, 105], j: [255, 105, 105], k: [255, 105, 105],
}; // prettier-ignore

/** Red light only: the frame's shape says whose a track is. */
const RED: Rgb = [225, 70, 45];
const TRACKS_NIGHT: Record<Affiliation, Rgb> = {
  f: RED, a: RED, n: RED, u: RED, p: RED, s: RED, h: RED, j: RED, k: RED,
}; // prettier-ignore

export const MAP_COLOURS: Record<PaletteName, Palette> = {
  day: {
    sea: '#d3e0e8',
    depths: [[200, '#c6d7e1'], [1000, '#bccfdb'], [2500, '#b3c8d5'], [4000, '#abc1d0'], [5500, '#a3bbcb'], [7500, '#9ab4c6']],
    land: '#ece7da', coast: '#7c7768', border: '#a79f8b', river: '#a9bfca',
    text: '#3a4146', halo: '#f3f1ea', label: '#10181d',
    tint: null, outline: 'rgba(255,255,255,0.9)', tracks: TRACKS_DAY, mark: '#111111',
  },
  dusk: {
    sea: '#16232d',
    depths: [[200, '#14202a'], [1000, '#121d26'], [2500, '#101a22'], [4000, '#0e171f'], [5500, '#0c141b'], [7500, '#0a1118']],
    land: '#2f363a', coast: '#6b7780', border: '#4f585e', river: '#22313b',
    text: '#aeb8be', halo: '#12191e', label: '#eef3f6',
    tint: null, outline: 'rgba(6,10,14,0.9)', tracks: TRACKS_DUSK, mark: '#ffffff',
  },
  night: {
    sea: '#0a0202',
    depths: [[200, '#090202'], [1000, '#080101'], [2500, '#070101'], [4000, '#060101'], [5500, '#050000'], [7500, '#040000']],
    land: '#1d0704', coast: '#5e1b10', border: '#3c110a', river: '#150503',
    text: '#a8402a', halo: '#0a0202', label: '#e8674c',
    tint: '#e2462e', outline: 'rgba(0,0,0,0.9)', tracks: TRACKS_NIGHT, mark: '#ff6a4a',
  },
}; // prettier-ignore
