/** Which moment is shown: now, or another one, and how fast it goes; and where tracks were. */
import { type Held, held, trailsOf } from '../net/history';
import { earliest, momentAt, type Moment, PLAYED_SPEEDS, SPEEDS, STEP, within } from '../picture/replay';
import { MOST_TRAILS, spotsOf, Trails } from '../picture/trail';
import type { Played } from '../picture/frames';
import { say } from '../words/words';
import { keep, kept } from './kept';
import type { Watch } from './watch.svelte';
import { whyNot } from './why-not';

/** Whose trails are drawn. */
export type Trailed = 'none' | 'hooked' | 'sight';
export const TRAILED: readonly Trailed[] = ['none', 'hooked', 'sight'];

/** Minutes that a trail can be long: the node tells of no more. */
export const LENGTHS = [10, 30, 60, 120];

/** Milliseconds between two looks at who is in sight, and between two tries where one failed. */
const TRAILS_EVERY = 2000;

/** Milliseconds by which the node may miss the moment that was asked for: clocks differ. */
const ASKED_FOR = 5000;

/** Milliseconds between two questions about what is kept, while there is a picture and no past. */
const ASK_AGAIN = 5000;

/** Milliseconds for which a slider stands still before the node is asked. */
const SETTLED = 350;

export class Time {
  isReplay = $state(false);
  /** The moment that is shown; of the live picture now. */
  at = $state(Date.now());
  speed = $state(1);
  isPlaying = $state(true);
  /** Whether the node has been asked for a moment, and has not shown it yet. */
  isLooking = $state(false);
  moment = $state.raw<Moment | null>(null);
  /** The name of the replay that is shown, where the node plays it to everybody. */
  watched = $state<string | null>(null);
  held = $state.raw<Held | null>(null);
  /** How many hours back the slider reaches. */
  hours = $state(24);
  /** Why a moment cannot be shown. */
  fault = $state('');
  trailed = $state<Trailed>('hooked');
  minutes = $state(30);
  readonly #watch: Watch;
  readonly #trails = new Trails();
  #heardAt = 0;
  #askAt = 0;
  #soon = 0;
  #trailsAt = 0;
  #isAsking = false;
  #drawn = -1;

  constructor(watch: Watch) {
    this.#watch = watch;
    const trailed = kept<Trailed>('trailed');
    if (trailed !== null && TRAILED.includes(trailed)) this.trailed = trailed;
    const minutes = kept<number>('trail.minutes');
    if (minutes !== null && LENGTHS.includes(minutes)) this.minutes = minutes;
    watch.stream.moved = () => this.#moved();
    watch.onOpened(() => void this.ask());
  }

  /** Since when something is kept; null where nothing is, or it is not known. */
  get heldFrom(): number | null {
    return this.held?.from == null ? null : Date.parse(this.held.from);
  }

  get first(): number {
    return earliest(this.#watch.now, this.heldFrom, this.hours);
  }

  /** Asks since when something is kept. */
  async ask(): Promise<void> {
    this.#askAt = Date.now() + ASK_AGAIN;
    this.held = await held().catch(() => this.held);
  }

  #moved(): void {
    const moment = this.#watch.stream.applying.moment;
    if (moment === undefined || !this.isReplay) return;
    // What was on its way when another moment was asked for.
    if (this.isLooking && this.watched === null && Math.abs(moment.at - this.at) > ASKED_FOR) return;
    if (this.isLooking) this.#trails.clear();
    this.isLooking = false;
    if (this.watched !== null) this.isPlaying = moment.speed > 0;
    this.moment = moment;
    this.#heardAt = Date.now();
    this.at = moment.at;
  }

  /** Shows the replay that the node plays to everybody. */
  watch(played: Played): void {
    if (this.#watch.foreign !== null) this.#watch.show(null);
    this.fault = '';
    this.at = Date.parse(played.at);
    this.watched = played.name;
    this.isReplay = this.isLooking = true;
    this.moment = null;
    this.#trails.clear();
    this.#mark();
    this.#watch.stream.watch(played.name);
  }

  /** Whether what is shown is played to everybody, and steered by this one. */
  get #isSteered(): boolean {
    return this.watched !== null && this.#watch.played.isOurs;
  }

  /** Whether this one may stop it, and say how fast it goes. */
  get mayPace(): boolean {
    return this.watched === null || this.#isSteered;
  }

  /** Shows the picture of another moment. */
  jump(at: number): void {
    window.clearTimeout(this.#soon);
    if (this.#isSteered) return void this.#watch.played.steer({ at: new Date(at).toISOString() });
    if (this.heldFrom === null) {
      this.fault = say('time.nothing');
      return;
    }
    if (this.#watch.foreign !== null) this.#watch.show(null);
    if (!this.isReplay || this.watched !== null) this.isPlaying = true;
    this.watched = null;
    this.fault = '';
    this.at = within(at, this.#watch.now, this.heldFrom);
    this.isReplay = this.isLooking = true;
    this.moment = null;
    this.#mark();
    this.#watch.stream.replay(this.at, this.#pace);
  }

  /** Shows it when the slider has come to rest. */
  jumpSoon(at: number): void {
    window.clearTimeout(this.#soon);
    this.#soon = window.setTimeout(() => this.jump(at), SETTLED);
  }

  step(by: number): void {
    if (this.isReplay) this.jump(this.at + by * STEP);
  }

  get #pace(): number {
    return this.isPlaying ? this.speed : 0;
  }

  toggle(): void {
    if (!this.isReplay || !this.mayPace) return;
    if (this.#isSteered) return void this.#watch.played.steer({ playing: !this.isPlaying });
    this.isPlaying = !this.isPlaying;
    this.#watch.stream.replay(null, this.#pace);
  }

  go(speed: number): void {
    if (!this.mayPace) return;
    if (this.#isSteered) return void this.#watch.played.steer({ speed, playing: true });
    this.speed = speed;
    this.isPlaying = true;
    if (this.isReplay) this.#watch.stream.replay(null, speed);
  }

  /** The speeds that there are for what is shown, and the one that it has. */
  get speeds(): readonly number[] {
    return this.watched === null ? SPEEDS : PLAYED_SPEEDS;
  }

  get pace(): number {
    return this.watched === null ? this.speed : (this.#watch.played.now?.speed ?? 1);
  }

  /** The next speed that there is, or the one before. */
  faster(by: number): void {
    const speeds: readonly number[] = this.speeds;
    const next = speeds[speeds.indexOf(this.pace) + by];
    if (this.isReplay && next !== undefined) this.go(next);
  }

  /** Now again. */
  live(): void {
    window.clearTimeout(this.#soon);
    if (!this.isReplay) return;
    this.#end();
    this.#watch.stream.live();
  }

  /** The node does not show what was asked for. */
  refused(why: string): void {
    this.live();
    this.fault = say('fault.refused', { why });
  }

  /** Another context is shown, live. */
  left(): void {
    this.fault = '';
    if (this.isReplay) this.#end();
    this.#trails.clear();
  }

  #end(): void {
    this.isReplay = this.isLooking = false;
    this.watched = null;
    this.moment = null;
    this.at = this.#watch.now;
    this.#trails.clear();
    this.#mark();
  }

  /** Says on every screen of the page that this is not now. */
  #mark(): void {
    if (this.isReplay) document.body.dataset['replay'] = say('time.word');
    else delete document.body.dataset['replay'];
  }

  trail(trailed: Trailed): void {
    this.trailed = trailed;
    keep('trailed', trailed);
    this.#trailsAt = 0;
  }

  nextTrail(): void {
    this.trail(TRAILED[(TRAILED.indexOf(this.trailed) + 1) % TRAILED.length]!);
  }

  lengthen(minutes: number): void {
    this.minutes = minutes;
    keep('trail.minutes', minutes);
    this.#trails.clear();
    this.#trailsAt = 0;
  }

  /** Looks at the clock, and at where tracks are; called again and again. */
  look(): void {
    if (!this.isReplay) this.at = this.#watch.now;
    else if (this.moment !== null) this.at = Math.min(this.#watch.now, momentAt(this.moment, this.#heardAt, Date.now()));
    const { store, user } = this.#watch;
    if (this.heldFrom === null && store.size > 0 && user !== null && Date.now() >= this.#askAt) void this.ask();
    this.#follow();
  }

  /** The tracks whose trails are wanted: the hooked one first. */
  get #wanted(): string[] {
    const { chart, hookedUid, store, foreign } = this.#watch;
    if (this.trailed === 'none' || foreign !== null || this.isLooking || this.watched !== null) return [];
    const isPoint = (uid: string) => {
      const meta = store.metas[store.slotOf(uid) ?? -1];
      return meta !== undefined && meta.cell === null && meta.outline === null;
    };
    const hooked = hookedUid === null ? [] : [hookedUid];
    const sight = this.trailed === 'sight' ? (chart?.inSight(MOST_TRAILS) ?? []) : [];
    return [...new Set([...hooked, ...sight])].filter(isPoint).slice(0, MOST_TRAILS);
  }

  #follow(): void {
    const isDue = Math.abs(Date.now() - this.#trailsAt) >= TRAILS_EVERY;
    const uids = isDue ? this.#wanted : this.#trails.uids;
    if (isDue) {
      this.#trailsAt = Date.now();
      this.#trails.keepOnly(uids);
      void this.#seed(this.#trails.unknown(uids));
    }
    const { store } = this.#watch;
    for (const uid of uids) {
      const slot = store.slotOf(uid);
      if (slot !== undefined && store.time[slot]) this.#trails.add(uid, [store.time[slot]!, store.lon[slot]!, store.lat[slot]!]);
    }
    this.#trails.forgetBefore(this.at - this.minutes * 60_000);
    if (this.#drawn === this.#trails.version || this.#watch.chart === undefined) return;
    this.#drawn = this.#trails.version;
    this.#watch.chart.showTrails(this.#trails);
  }

  async #seed(uids: string[]): Promise<void> {
    if (uids.length === 0 || this.#isAsking || this.#watch.user === null) return;
    this.#isAsking = true;
    const [at, context, minutes, moment] = [this.at, this.#watch.context, this.minutes, this.isReplay];
    try {
      const told = await trailsOf(uids, context, minutes, at);
      const isSame = context === this.#watch.context && minutes === this.minutes && moment === this.isReplay;
      if (isSame && !this.isLooking) for (const uid of uids) this.#trails.seed(uid, spotsOf(told[uid] ?? []));
      this.fault = '';
    } catch (error) {
      this.#trailsAt = Date.now() + 5 * TRAILS_EVERY;
      this.fault = say('trails.failed', { why: whyNot(error) });
    }
    this.#isAsking = false;
  }
}
