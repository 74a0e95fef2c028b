/** The replay that the node plays to TAK clients and pages: what it is, who may steer it, and whether we watch it. */
import { beginReplay, endReplay, playedNow, steerReplay, type PlayedNow, type ToPlay } from '../net/played';
import type { Played } from '../picture/frames';
import type { Watch } from './watch.svelte';
import { whyNot } from './why-not';

export class PlayedMark {
  now = $state.raw<Played | null>(null);
  /** Where TAK clients hear it; null where they cannot. */
  port = $state<number | null>(null);
  fault = $state('');
  isOpen = $state(false);
  readonly #watch: Watch;

  constructor(watch: Watch) {
    this.#watch = watch;
    watch.onOpened(() => void this.refresh());
    watch.onNews((news) => {
      if (news.t === 'played') this.now = news.replay;
      if (news.t === 'missed') void this.refresh();
    });
  }

  /** Whether this one may steer it: who began it, and any administrator. */
  get isOurs(): boolean {
    const { user } = this.#watch;
    return this.now !== null && user !== null && (user.role === 'administrator' || user.name === this.now.by);
  }

  async refresh(): Promise<void> {
    // What was played stays shown while the node does not answer.
    const told = await playedNow().catch(() => null);
    if (told !== null) this.#take(told);
  }

  #take(told: PlayedNow): void {
    this.now = told.replay;
    this.port = told.port;
  }

  async begin(toPlay: ToPlay): Promise<void> {
    await this.#do(async () => this.#take(await beginReplay(toPlay)));
    if (this.fault !== '') return;
    this.isOpen = false;
    if (this.now !== null) this.#watch.time.watch(this.now);
  }

  async steer(to: Parameters<typeof steerReplay>[0]): Promise<void> {
    await this.#do(async () => this.#take(await steerReplay(to)));
  }

  async end(): Promise<void> {
    await this.#do(endReplay);
  }

  async #do(what: () => Promise<unknown>): Promise<void> {
    this.fault = '';
    try {
      await what();
    } catch (error) {
      this.fault = whyNot(error);
    }
  }
}
