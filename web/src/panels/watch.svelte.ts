/** What the officer of the watch has before him: one value that all panels share. */
import { Problem, signOut, whoAmI } from '../net/rest';
import { Stream } from '../net/stream';
import { contextAsked } from '../picture/context';
import type { Meta, News, User } from '../picture/frames';
import { choicesOf, EVERYTHING, isNarrow, isSettled, listed, type Order, selector, type Wanted } from '../picture/select';
import type { Foreign } from '../picture/partners';
import { Store } from '../picture/store';
import type { Chart, Where } from '../map/chart';
import { PALETTES, type PaletteName } from '../map/palette';
import { say } from '../words/words';
import { Cases } from './cases.svelte';
import { ChartList } from './charts.svelte';
import { Chat } from './chat.svelte';
import { DrillMark } from './drill.svelte';
import { draft, forgetDrafts, kept, keep, keepDraft } from './kept';
import { Measuring } from './measuring.svelte';
import { PlayedMark } from './played.svelte';
import { Relief } from './relief.svelte';
import { SavedList } from './saved.svelte';
import { Sketching } from './sketching.svelte';
import { Time } from './time.svelte';

/** Rows of the table; more would be scrolled, not read. */
export const MOST_ROWS = 200;

/** Milliseconds between two looks for what the filters can choose among. */
const OFFER_EVERY = 15_000;

/** Tracks from which on the table is long. */
const LONG = 5000;

/** Tracks that are asked at one go whether they are wanted: a key that is pressed meanwhile waits for so many. */
const AT_ONCE = 3000;

/** Milliseconds between two looks at the store by what is not the map. */
const LOOK_EVERY = 500;

/** Milliseconds between two tries to come back by oneself: who is cut off again at once signs in by hand. */
const COME_BACK_AFTER = 10_000;

/** One line of the table, as it was at the last look. */
export interface Row {
  slot: number;
  meta: Meta;
  state: number;
  time: number;
}

/** What the right column can show. */
export type Panel = 'track' | 'chat' | 'draw' | 'measure' | 'partners' | 'cases' | 'relief' | 'shared';

const wholeSecond = (ms: number) => Math.floor(ms / 1000) * 1000;

export class Watch {
  readonly store = new Store();
  /** Another picture than our own that is shown in its place; null while our own is. */
  foreign = $state.raw<Foreign | null>(null);
  readonly stream: Stream;
  user = $state.raw<User | null>(null);
  /** Whether it is known already whether somebody is signed in. */
  isAsked = $state(false);
  hasEnded = $state(false);
  palette = $state<PaletteName>('dusk');
  order = $state<Order>('weight');
  wanted = $state.raw<Wanted>(EVERYTHING);
  rows = $state.raw<Row[]>([]);
  total = $state(0);
  size = $state(0);
  /** What there is in the picture to choose among, for the filters. */
  choices = $state.raw<ReturnType<typeof choicesOf>>({ partners: [], sources: [], groups: [], more: 0 });
  /** Whether the map stays with the hooked track. */
  isFollowing = $state(false);
  isViewsOpen = $state(false);
  hookedUid = $state<string | null>(null);
  hookedRow = $state.raw<Row | null>(null);
  chosen = $state<string | null>(null);
  isHelpOpen = $state(false);
  /** The node's clock, as of the last look. */
  now = $state(Date.now());
  link = $state<'connecting' | 'up' | 'down' | 'signed out'>('connecting');
  /** Milliseconds since a whole burst came; null: none did. */
  sinceUseful = $state<number | null>(null);
  node = $state.raw<{ id: string; name: string } | null>(null);
  pointer = $state.raw<[number, number] | null>(null);
  context = $state('live');
  /** The contexts that there are, and the reader takes part in. */
  contexts = $state.raw<string[]>(['live']);
  /** What stands in the right column. */
  panel = $state<Panel>('track');
  readonly chat: Chat;
  readonly sketching: Sketching;
  readonly measuring: Measuring;
  readonly saved: SavedList;
  readonly charts: ChartList;
  readonly drill: DrillMark;
  readonly played: PlayedMark;
  readonly cases: Cases;
  readonly relief: Relief;
  /** Which moment is shown. */
  readonly time: Time;
  chart: Chart | undefined;
  readonly #hearers = new Set<(news: News) => void>();
  readonly #openers = new Set<() => void>();
  #centreOn: string | null = null;
  #lookedAt = -1;
  #passed = false;
  #cameBackAt = 0;
  #made: ReadonlyMap<number, Row> = new Map();
  #offeredAt = 0;
  #offered: Store | null = null;
  #drawn = -1;
  /** The test made last: it knows already what it found of each track. */
  #selected: { store: Store; wanted: Wanted; test: (slot: number) => boolean } | undefined;
  /** Counts what was wanted, and whether the last of it is still being looked for. */
  #turn = 0;
  #isSifting = false;
  /** What the table was made of last, and what came of it. */
  #listedBy: readonly unknown[] = [];
  #listed: ReturnType<typeof listed> = { total: 0, slots: [] };

  constructor() {
    const scheme = location.protocol === 'http:' ? 'ws' : 'wss';
    this.stream = new Stream(`${scheme}://${location.host}/api/v1/stream`, this.store, () => this.#heard());
    this.stream.news = (news) => this.#hearers.forEach((hear) => hear(news));
    this.stream.opened = () => this.#openers.forEach((open) => open());
    this.chat = new Chat(this);
    this.sketching = new Sketching(this);
    this.measuring = new Measuring(this);
    this.saved = new SavedList(this);
    this.charts = new ChartList(this);
    this.drill = new DrillMark(this);
    this.played = new PlayedMark(this);
    this.cases = new Cases(this);
    this.relief = new Relief(this);
    this.time = new Time(this);
    const asked = contextAsked(location.hash);
    if (asked !== null) this.follow(asked);
    this.palette = PALETTES.find((each) => each === kept('palette')) ?? 'dusk';
  }

  /** Asks who is signed in, and begins. */
  async begin(): Promise<void> {
    window.setInterval(() => this.look(), LOOK_EVERY);
    window.addEventListener('online', () => this.stream.hurry());
    try {
      const user = await whoAmI();
      if (user !== null) this.enter(user);
    } catch (error) {
      if (!(error instanceof Problem) && !(error instanceof TypeError)) throw error;
    }
    this.isAsked = true;
  }

  /** Somebody has signed in. */
  enter(user: User): void {
    if (draft('who') !== user.name) {
      forgetDrafts();
      keepDraft('who', user.name);
      this.chat.forget();
      this.sketching.clear();
    }
    this.user = user;
    this.hasEnded = false;
    this.link = 'connecting';
    this.stream.stop();
    this.stream.start();
  }

  async leave(): Promise<void> {
    this.stream.stop();
    await signOut().catch(() => undefined);
    forgetDrafts();
    location.reload();
  }

  #heard(): void {
    const { state, applying } = this.stream;
    if (state === 'signed out' && this.user !== null) {
      this.user = null;
      this.hasEnded = true;
      void this.#comeBack();
    }
    if (applying.hello && this.user !== null) this.user = applying.hello.user;
    if (applying.hello) this.#offerContexts(applying.hello.contexts);
    if (applying.refused !== '') {
      const why = applying.refused;
      applying.refused = '';
      if (this.time.isReplay) this.time.refused(why);
      else this.follow('live');
    }
    this.link = state;
    this.draw();
  }

  /** Who was cut off because his groups or role have changed is signed in still: he sees at once what he may see now. */
  async #comeBack(): Promise<void> {
    if (Date.now() - this.#cameBackAt < COME_BACK_AFTER) return;
    this.#cameBackAt = Date.now();
    const user = await whoAmI().catch(() => null);
    if (user !== null && this.user === null) this.enter(user);
  }

  /** Said anew only where it is other than before: each message of the stream comes by here. */
  #offerContexts(told: readonly string[]): void {
    const contexts = [...new Set([...told, this.context])];
    if (contexts.join('\n') !== this.contexts.join('\n')) this.contexts = contexts;
  }

  /** Tells of what is no track, as it happens; returns what ends that. */
  onNews(hear: (news: News) => void): () => void {
    this.#hearers.add(hear);
    return () => void this.#hearers.delete(hear);
  }

  /** Tells when a connection is new, so that what was missed is asked for; returns what ends that. */
  onOpened(open: () => void): () => void {
    this.#openers.add(open);
    return () => void this.#openers.delete(open);
  }

  /** Puts a panel into the right column; asked a second time, the track comes back. */
  turn(panel: Panel): void {
    this.panel = this.panel === panel ? 'track' : panel;
  }

  /** Has the map drawn at its next frame: asked for in a frame, it would be drawn in the one after it. */
  draw(): void {
    if (this.stream.applying.place === undefined || this.#drawn === this.shown.version) return;
    this.#drawn = this.shown.version;
    if (this.isFollowing && this.hookedUid !== null) this.chart?.keepInMiddle(this.hookedUid);
    this.chart?.draw();
  }

  /** The picture that map, list and hooks are about. */
  get shown(): Store {
    return this.foreign?.store ?? this.store;
  }

  /** The moment of what is shown: of our own picture, or of the other that is shown in its place. */
  get shownAt(): number {
    return this.foreign === null ? this.time.at : Date.parse(this.foreign.at);
  }

  /** Shows another picture in place of our own, which goes on unseen; null: our own again. */
  show(foreign: Foreign | null): void {
    if (foreign !== null) this.time.live();
    this.foreign = foreign;
    this.#turn++;
    this.#isSifting = false;
    this.#mark();
    this.hook(null);
    this.relist();
    this.chart?.see(this.shown, this.selector);
    this.#drawn = -1;
    this.draw();
  }

  /** Our own picture, as it is now, again. */
  own(): void {
    if (this.foreign !== null) this.show(null);
    this.time.live();
  }

  /** Says on every screen of the page whose eyes these are, where they are not ours. */
  #mark(): void {
    const { foreign } = this;
    if (foreign === null) {
      delete document.body.dataset['foreign'];
      return;
    }
    const { partner } = foreign;
    document.body.dataset['foreign'] = foreign.kind === 'partner' ? say('foreign.word.partner', { partner }) : say('foreign.word.preview', { partner });
  }

  /** Looks at the clocks, and at the store where it has changed. */
  look(): void {
    const { applying, usefulAt, state } = this.stream;
    // Whole seconds, as they are shown: what does not change is not drawn again.
    this.now = wholeSecond(Date.now() + applying.skew);
    this.link = state;
    this.sinceUseful = usefulAt ? wholeSecond(Date.now() - usefulAt) : null;
    if (applying.hello && applying.hello.node.id !== this.node?.id) this.node = applying.hello.node;
    this.time.look();
    if ((this.#lookedAt !== this.shown.version || this.wanted.within !== null) && this.#isListDue()) this.relist();
    this.#centreWhenThere();
  }

  get skew(): number {
    return this.stream.applying.skew;
  }

  /** A test of slots for what is wanted, and as time goes by; while it is being looked for, for what was wanted before. */
  get selector(): (slot: number) => boolean {
    const { shown, wanted } = this;
    if (this.#selected?.store !== shown || (this.#selected.wanted !== wanted && !this.#isSifting)) {
      this.#selected = { store: shown, wanted, test: selector(shown, wanted, () => this.shownAt) };
    }
    return this.#selected.test;
  }

  /** A long table is made again at every second look: nobody reads it faster. */
  #isListDue(): boolean {
    this.#passed = this.shown.size > LONG && !this.#passed;
    return !this.#passed;
  }

  /** Makes the table again. */
  relist(): void {
    const store = this.shown;
    this.#lookedAt = store.version;
    const { total, slots } = this.#list(store);
    this.rows = slots.map((slot) => this.#row(slot));
    this.#made = new Map(this.rows.map((each) => [each.slot, each]));
    this.total = total;
    this.size = store.size;
    this.#offer(store);
    this.#showHooked();
  }

  /** Looks through every track, unless that comes to the same as the last time. */
  #list(store: Store): ReturnType<typeof listed> {
    const { selector, order, wanted } = this;
    const by = [selector, order, isSettled(wanted, order) && !this.#isSifting ? store.described : {}];
    if (by.every((each, n) => each === this.#listedBy[n])) return this.#listed;
    this.#listedBy = by;
    return (this.#listed = listed(store, selector, order, MOST_ROWS));
  }

  #showHooked(): void {
    const slot = this.hookedUid === null ? undefined : this.shown.slotOf(this.hookedUid);
    this.hookedRow = slot === undefined ? null : this.#row(slot);
  }

  /** Says now and then what the filters can choose among: it means a look at every track. */
  #offer(store: Store): void {
    const isDue = Math.abs(this.now - this.#offeredAt) >= OFFER_EVERY || this.choices.sources.length === 0;
    if (!isDue && store === this.#offered) return;
    [this.#offeredAt, this.#offered] = [this.now, store];
    const choices = choicesOf(store);
    if (JSON.stringify(choices) !== JSON.stringify(this.choices)) this.choices = choices;
  }

  #row(slot: number): Row {
    const { metas, state, time } = this.shown;
    const known = this.#made.get(slot);
    // The same value while it says the same: what has not changed is not drawn again.
    if (known?.meta === metas[slot] && known?.state === state[slot] && known?.time === time[slot]) return known!;
    return { slot, meta: metas[slot]!, state: state[slot]!, time: time[slot]! };
  }

  /** Shows the picture of another context: live, or an exercise's. */
  follow(context: string): void {
    if (context === this.context) return;
    if (this.foreign !== null) this.show(null);
    this.time.left();
    this.context = context;
    this.chat.resume();
    this.hook(null);
    this.stream.follow(context);
  }

  /** Shows only what is wanted, in the table and on the map; of many tracks soon, so that no key waits for it. */
  want(wanted: Wanted): void {
    this.wanted = wanted;
    const [store, turn] = [this.shown, ++this.#turn];
    this.#isSifting = store.end > AT_ONCE && isNarrow(wanted);
    if (!this.#isSifting) return this.#show();
    const test = selector(store, wanted, () => this.shownAt);
    const sift = (from: number): void => {
      if (turn !== this.#turn) return;
      const until = Math.min(from + AT_ONCE, store.end);
      for (let slot = from; slot < until; slot++) test(slot); // it remembers what it found
      if (until < store.end) return void window.setTimeout(sift, 0, until);
      this.#isSifting = false;
      this.#selected = { store, wanted, test };
      this.#show();
    };
    window.setTimeout(sift, 0, 0);
  }

  #show(): void {
    this.relist();
    this.chart?.want(this.selector);
  }

  sort(order: Order): void {
    this.order = order;
    this.relist();
  }

  hook(uid: string | null): void {
    if (uid !== this.hookedUid) this.isFollowing = false;
    this.hookedUid = uid;
    if (uid !== null) {
      this.chosen = uid;
      this.panel = 'track';
    }
    this.#showHooked();
    this.chart?.hook(uid);
  }

  /** Hooks a track and brings the map to it, in whatever context it is; as soon as it is there. */
  goTo(uid: string, context: string): void {
    this.time.live();
    if (this.foreign !== null) this.show(null);
    this.follow(context);
    this.hook(uid);
    this.#centreOn = uid;
    this.#centreWhenThere();
  }

  #centreWhenThere(): void {
    if (this.#centreOn !== this.hookedUid) this.#centreOn = null;
    if (this.#centreOn === null || this.shown.slotOf(this.#centreOn) === undefined) return;
    this.chart?.goTo(this.#centreOn);
    this.#centreOn = null;
  }

  /** Keeps the map with the hooked track, or lets it go. */
  toggleFollowing(): void {
    this.isFollowing = !this.isFollowing && this.hookedUid !== null;
    if (this.isFollowing) this.chart?.keepInMiddle(this.hookedUid!);
  }

  /** Opens the list of saved views, or closes it. */
  toggleViews(): void {
    this.isViewsOpen = !this.isViewsOpen;
  }

  centre(): void {
    if (this.hookedUid !== null) this.chart?.goTo(this.hookedUid);
  }

  /** Chooses the next row of the table, or the one before. */
  choose(step: number): void {
    const at = this.rows.findIndex((row) => row.meta.uid === this.chosen);
    const next = at < 0 ? 0 : Math.max(0, Math.min(this.rows.length - 1, at + step));
    this.chosen = this.rows[next]?.meta.uid ?? null;
  }

  paint(palette: PaletteName): void {
    this.palette = palette;
    keep('palette', palette);
    document.documentElement.dataset['palette'] = palette;
    this.chart?.paint(palette);
  }

  nextPalette(): void {
    this.paint(PALETTES[(PALETTES.indexOf(this.palette) + 1) % PALETTES.length]!);
  }

  /** Where the map was when this browser last showed it. */
  get where(): Where | null {
    return kept<Where>('where');
  }
}
