/** What the page asks by HTTP of the replay that the node plays to TAK clients and pages. */
import type { Played } from '../picture/frames';
import { asked, sent } from './rest';

/** What is played, null for nothing; and where TAK clients hear it, null where they cannot. */
export interface PlayedNow {
  replay: Played | null;
  port: number | null;
}

/** What is to be played: a stretch of time as ISO 8601, and of it a part where one is said. */
export interface ToPlay {
  from: string;
  to: string;
  context: string;
  speed: number;
  area: readonly number[] | null;
  groups: readonly string[];
}

export function playedNow(): Promise<PlayedNow> {
  return asked('replay') as Promise<PlayedNow>;
}

export function beginReplay(toPlay: ToPlay): Promise<PlayedNow> {
  return sent('POST', 'replay', toPlay) as Promise<PlayedNow>;
}

/** Another moment of it, another speed, on or not; what is left out stays. */
export function steerReplay(to: { at?: string; speed?: number; playing?: boolean }): Promise<PlayedNow> {
  return sent('PATCH', 'replay', to) as Promise<PlayedNow>;
}

export function endReplay(): Promise<unknown> {
  return sent('DELETE', 'replay', {});
}
