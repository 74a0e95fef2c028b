/** Applies what the stream says to the store, in the order in which it is said. */
import { type Begin, type Frame, type Hello, type Positions, type Ages, readColumns, readText } from './frames';
import type { Moment } from './replay';
import type { Store } from './store';

/** Where the page is: only `ready` moves it. */
export interface Place {
  epoch: string;
  seq: number;
}

/** One connection's worth of the stream, from `hello` on. */
export class Applying {
  hello: Hello | undefined;
  place: Place | undefined;
  /** The node's clock minus this machine's, in milliseconds. */
  skew = 0;
  /** Why the node did not follow the last `subscribe`; empty where it did. */
  refused = '';
  /** Kinds that are not known here, each once. */
  readonly passedOver = new Set<string>();
  /** The context of what comes now. */
  context = '';
  /** Which moment of a replay is shown, as the node said last; undefined where it has said none. */
  moment: Moment | undefined;
  readonly #store: Store;
  #epoch = '';

  constructor(store: Store) {
    this.#store = store;
  }

  /** Applies a text frame received at `now`; returns it, or undefined where it is passed over. */
  text(text: string, now: number): Frame | undefined {
    const frame = readText(text);
    if (typeof frame === 'string') {
      this.passedOver.add(frame);
      return undefined;
    }
    this.#apply(frame, now);
    return frame;
  }

  #apply(frame: Frame, now: number): void {
    // In a replay `ready` has the moment that is shown, and not the node's clock.
    const isClock = 'now' in frame && !(frame.t === 'ready' && this.context.startsWith('replay:'));
    if (isClock) this.skew = frame.now - now;
    switch (frame.t) {
      case 'hello':
        this.hello = frame;
        break;
      case 'snapshot':
        this.#store.clear();
        this.place = undefined;
        this.#begin(frame);
        break;
      case 'resume':
        this.#begin(frame);
        break;
      case 'gone':
        this.#store.drop(frame.tracks);
        break;
      case 'meta':
        this.#store.describe(frame.tracks);
        break;
      case 'state':
        this.#store.age(frame.tracks);
        break;
      case 'refused':
        this.refused = frame.why;
        break;
      case 'replay':
        this.moment = frame;
        break;
      case 'ready':
        this.place = { epoch: this.#epoch, seq: frame.seq };
        break;
    }
  }

  #begin(frame: Begin): void {
    this.#epoch = frame.epoch;
    this.context = frame.context;
  }

  /** Applies a binary frame. */
  binary(buffer: ArrayBuffer): void {
    const columns: Positions | Ages | string = readColumns(buffer);
    if (typeof columns === 'string') this.passedOver.add(columns);
    else if (columns.t === 'TRK1') this.#store.move(columns);
    else this.#store.date(columns);
  }
}
