/** What the page asks by HTTP for the officer's tools: saved views, charts, the drill, showing something to a client. */
import type { Drill } from '../picture/frames';
import { asked, sent } from './rest';

/** What somebody saved of what he wants to see. */
export interface Saved {
  name: string;
  view: Record<string, unknown>;
}

export async function savedViews(): Promise<Saved[]> {
  return ((await asked('views')) as { views: Saved[] }).views;
}

export function saveView(name: string, view: object): Promise<unknown> {
  return sent('POST', 'views', { name, view });
}

export function forgetView(name: string): Promise<unknown> {
  return sent('DELETE', 'views', { name });
}

/** A chart of the administrator's own. */
export interface OwnChart {
  name: string;
  title: string;
  kind: 'geojson' | 'pmtiles' | 'tiles';
  attribution: string;
  min_zoom: number;
  max_zoom: number;
}

export async function ownCharts(): Promise<OwnChart[]> {
  return ((await asked('charts')) as { charts: OwnChart[] }).charts;
}

/** The drill that is on; null for none. */
export async function drillNow(): Promise<Drill | null> {
  return ((await asked('drill')) as { drill: Drill | null }).drill;
}

export function beginDrill(name: string): Promise<unknown> {
  return sent('POST', 'drill', { name });
}

export function endDrill(): Promise<unknown> {
  return sent('DELETE', 'drill', {});
}

/** Something that one TAK client is shown: a track, or a place with a name. */
export type Handed = { uid: string } | { point: [number, number]; name: string };

export function handTo(to: string, handed: Handed, context: string): Promise<unknown> {
  return sent('POST', 'send', { to, ...handed, context });
}
