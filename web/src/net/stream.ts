/** Holds one WebSocket to the node: opens it, resumes, notices silence, and opens it again. */
import { Applying, type Place } from '../picture/apply';
import { isNews, type News } from '../picture/frames';
import type { Store } from '../picture/store';

export const PROTOCOL = 'accord.stream.v1';

/** Milliseconds of silence after which the link is taken for dead: the node says something every 10 s. */
export const SILENT_AFTER = 25_000;

/** Milliseconds before each try; the last for all that follow. */
export const TRY_AFTER = [250, 500, 1000, 2000, 5000];

const POLICY_VIOLATION = 1008;
const OPEN = 1; // WebSocket.readyState

export type LinkState = 'connecting' | 'up' | 'down' | 'signed out';

/** What the stream needs of a browser; a test brings its own. */
export interface Around {
  open(url: string, protocol: string): WebSocket;
  now(): number;
  later(ms: number, run: () => void): number;
  never(timer: number): void;
}

export const BROWSER: Around = {
  open: (url, protocol) => new WebSocket(url, protocol),
  now: () => Date.now(),
  later: (ms, run) => window.setTimeout(run, ms),
  never: (timer) => window.clearTimeout(timer),
};

/** The node's picture, kept up to date in a store until `stop`. */
export class Stream {
  state: LinkState = 'connecting';
  /** By this machine's clock, when a whole burst last came, and when anything did; 0: never. */
  usefulAt = 0;
  heardAt = 0;
  applying: Applying;
  /** Told what is no track, as it happens. */
  news: (news: News) => void = () => undefined;
  /** Told when the picture is whole on a new connection: what was told meanwhile was missed. */
  opened: () => void = () => undefined;
  /** Told when the node has said how far a replay is. */
  moved: () => void = () => undefined;
  readonly #url: string;
  readonly #store: Store;
  readonly #around: Around;
  readonly #changed: () => void;
  #context = 'live';
  #replay: { at: number | null; speed: number } | undefined;
  /** The replay that the node plays to everybody, where that is shown. */
  #played: string | undefined;
  #socket: WebSocket | undefined;
  #place: Place | undefined;
  #timer = 0;
  #failures = 0;
  #stopped = false;

  constructor(url: string, store: Store, changed: () => void, around: Around = BROWSER) {
    this.#url = url;
    this.#store = store;
    this.#changed = changed;
    this.#around = around;
    this.applying = new Applying(store);
  }

  /** Opens the link, and keeps it open. */
  start(): void {
    this.#stopped = false;
    this.#open();
  }

  /** Ends the link; nothing is opened any more. */
  stop(): void {
    this.#stopped = true;
    this.#around.never(this.#timer);
    this.#let(1000);
  }

  /** Asks for another context; its snapshot replaces every track. */
  follow(context: string): void {
    if (context === this.#context) return;
    this.#context = context;
    this.live();
  }

  /** Asks for the live picture; its snapshot replaces every track. */
  live(): void {
    this.#replay = this.#played = undefined;
    this.#place = undefined;
    this.#ask();
  }

  /** Asks for the replay of that name, which the node plays to everybody. */
  watch(name: string): void {
    this.#replay = this.#place = undefined;
    this.#played = name;
    this.#ask();
  }

  /** Asks for the picture of another moment, or, with null, for another speed from where it is. */
  replay(at: number | null, speed: number): void {
    const wasReplay = this.#replay !== undefined;
    this.#replay = { at: at ?? this.#replay?.at ?? null, speed };
    this.#played = undefined;
    this.#place = undefined;
    this.#ask(at === null && wasReplay);
  }

  #ask(goesOn = false): void {
    if (this.applying.hello !== undefined && this.#socket?.readyState === OPEN) this.#subscribe(this.#socket, goesOn);
  }

  #subscribe(socket: WebSocket, goesOn = false): void {
    const [context, replay] = [this.#played === undefined ? this.#context : this.#awaited, this.#replay];
    const said =
      replay === undefined
        ? { view: 'own', resume: this.#place ?? null }
        : { view: 'replay', at: goesOn ? null : replay.at === null ? null : Math.round(replay.at), speed: replay.speed };
    socket.send(JSON.stringify({ t: 'subscribe', context, ...said }));
  }

  /** The context as the node names what was asked for last. */
  get #awaited(): string {
    if (this.#played !== undefined) return `replay:${this.#played}`;
    return this.#replay === undefined ? this.#context : `replay:${this.#context}`;
  }

  /** Tries at once, as when the machine has its network back. */
  hurry(): void {
    if (this.state !== 'down' || this.#stopped) return;
    this.#around.never(this.#timer);
    this.#open();
  }

  #open(): void {
    const known = this.applying;
    const applying = new Applying(this.#store);
    applying.hello = known.hello;
    applying.skew = known.skew;
    this.applying = applying;
    const socket = this.#around.open(this.#url, PROTOCOL);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => this.#hear(socket, event.data);
    socket.onclose = (event: CloseEvent) => this.#closed(socket, event.code);
    this.#watch();
  }

  #watch(): void {
    this.#around.never(this.#timer);
    this.#timer = this.#around.later(SILENT_AFTER, () => this.#lose());
  }

  #hear(socket: WebSocket, data: string | ArrayBuffer): void {
    if (socket !== this.#socket) return;
    this.heardAt = this.#around.now();
    this.#watch();
    try {
      this.#take(socket, data);
    } catch (error) {
      console.error('the stream said what cannot be read', error);
      this.#place = undefined; // what we have may be wrong: everything anew
      this.#lose();
    }
  }

  #take(socket: WebSocket, data: string | ArrayBuffer): void {
    if (typeof data !== 'string') return this.applying.binary(data);
    const frame = this.applying.text(data, this.heardAt);
    if (frame?.t === 'hello') this.#subscribe(socket);
    if (frame?.t === 'snapshot') this.#place = undefined;
    // What was on its way when another context was asked for moves nothing.
    const isReplay = this.#replay !== undefined || this.#played !== undefined;
    if (frame?.t === 'replay' && isReplay && this.applying.context === this.#awaited) {
      // Where a link that is cut goes on.
      if (this.#replay !== undefined) this.#replay.at = frame.at;
      this.usefulAt = this.heardAt;
      this.moved();
    }
    if (frame?.t === 'ready' && this.applying.context === this.#awaited) {
      const isNew = this.state !== 'up';
      this.state = 'up';
      this.#failures = 0;
      this.#place = this.#replay === undefined ? this.applying.place : undefined;
      this.usefulAt = this.heardAt;
      if (isNew) this.opened();
    }
    if (frame !== undefined && isNews(frame)) return this.news(frame);
    this.#changed();
  }

  /** Gives up a link that is silent. */
  #lose(): void {
    const socket = this.#socket;
    this.#let(4000);
    if (socket !== undefined) this.#again();
  }

  #let(code: number): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(code);
  }

  #closed(socket: WebSocket, code: number): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    if (code === POLICY_VIOLATION) {
      this.#around.never(this.#timer);
      this.state = 'signed out';
      this.#changed();
    } else {
      this.#again();
    }
  }

  #again(): void {
    if (this.#stopped) return;
    this.state = 'down';
    const wait = TRY_AFTER[Math.min(this.#failures++, TRY_AFTER.length - 1)]!;
    this.#around.never(this.#timer);
    this.#timer = this.#around.later(wait, () => this.#open());
    this.#changed();
  }
}
