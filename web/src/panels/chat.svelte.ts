/** What is said and heard at this page: one value that the panel and the badge share. */
import { people, type Person, recentWords, say } from '../net/said';
import type { Message, News } from '../picture/frames';
import { linesOf, merged, type Place, type Read, readTo, type Talk, talksOf, TO_ALL, unreadBy } from '../picture/talk';
import { draft, keepDraft } from './kept';
import { whyNot } from './why-not';
import type { Watch } from './watch.svelte';

function keptValue<T>(name: string, otherwise: T): T {
  try {
    return (JSON.parse(draft(name) || 'null') as T | null) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export class Chat {
  messages = $state.raw<Message[]>([]);
  read = $state.raw<Read>(keptValue<Read>('chat.read', {}));
  open = $state.raw<Place>(keptValue<Place>('chat.open', TO_ALL));
  people = $state.raw<Person[]>([]);
  /** Why the words are not all here; empty where they are. */
  fault = $state('');
  /** Why the last words were not said. */
  unsaid = $state('');
  isSending = $state(false);
  text = $state('');
  readonly #watch: Watch;

  constructor(watch: Watch) {
    this.#watch = watch;
    this.text = draft(this.#draftName);
    watch.onOpened(() => void this.refresh());
    watch.onNews((news) => this.#hear(news));
  }

  /** The uid that this user speaks under (docs/reference/api.md). */
  get self(): string {
    const { node, user } = this.#watch;
    return node && user ? `${node.id}.${user.name}` : '';
  }

  get talks(): Talk[] {
    return talksOf(this.messages, this.self, this.#watch.context, this.read, this.open);
  }

  get lines(): Message[] {
    return linesOf(this.messages, this.self, this.#watch.context, this.open.key);
  }

  /** How much is unread in each context. */
  get unread(): Map<string, number> {
    return unreadBy(this.messages, this.self, this.read);
  }

  get #draftName(): string {
    return `chat.${this.#watch.context}.${this.open.key}`;
  }

  #hear(news: News): void {
    if (news.t === 'chat') this.messages = merged(this.messages, [news.message]);
    if (news.t === 'missed') void this.refresh();
  }

  /** Asks again for what was said, and who is there. */
  async refresh(): Promise<void> {
    try {
      this.messages = merged(this.messages, await recentWords());
      this.fault = '';
    } catch (error) {
      this.fault = whyNot(error);
    }
    await this.askWho();
  }

  async askWho(): Promise<void> {
    this.people = await people().catch(() => this.people);
  }

  /** Opens a talk; what was being typed in the other stays there. */
  turn(place: Place): void {
    this.open = { key: place.key, name: place.name, to: place.to };
    keepDraft('chat.open', JSON.stringify(this.open));
    this.resume();
  }

  /** Somebody else has signed in: nothing of who was here before is his. */
  forget(): void {
    this.messages = [];
    this.read = {};
    this.people = [];
    this.open = TO_ALL;
    this.resume();
  }

  /** Takes up what was being typed here. */
  resume(): void {
    this.text = draft(this.#draftName);
    this.unsaid = '';
  }

  type(text: string): void {
    this.text = text;
    keepDraft(this.#draftName, text);
  }

  /** What is shown is read. */
  see(): void {
    const read = readTo(this.read, this.messages, this.self, this.#watch.context, this.open.key);
    if (read === this.read) return;
    this.read = read;
    keepDraft('chat.read', JSON.stringify(read));
  }

  /** Says what was typed. What is not let in stays where it was typed, and why is told. */
  async send(): Promise<void> {
    if (this.isSending || this.text.trim() === '') return;
    const [place, text, name, context] = [this.open, this.text, this.#draftName, this.#watch.context];
    this.isSending = true;
    this.unsaid = '';
    try {
      const message = await say({ text, room: place.name, to: place.to, context });
      this.messages = merged(this.messages, [message]);
      if (draft(name) === text) keepDraft(name, '');
      if (name === this.#draftName && this.text === text) this.text = '';
    } catch (error) {
      this.unsaid = whyNot(error);
    }
    this.isSending = false;
  }
}
