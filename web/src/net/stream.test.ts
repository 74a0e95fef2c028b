import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Store } from '../picture/store';
import { aMeta } from '../picture/testing/builders';
import { type Around, SILENT_AFTER, Stream, TRY_AFTER } from './stream';

/** A socket, a clock and timers that do what the test says. */
class Fake implements Around {
  sockets: FakeSocket[] = [];
  at = 0;
  timers: { due: number; run: () => void; id: number }[] = [];
  #ids = 0;
  open = (): WebSocket => {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket as unknown as WebSocket;
  };
  now = () => this.at;
  later = (ms: number, run: () => void) => {
    this.timers.push({ due: this.at + ms, run, id: ++this.#ids });
    return this.#ids;
  };
  never = (timer: number) => {
    this.timers = this.timers.filter((each) => each.id !== timer);
  };
  pass(ms: number): void {
    this.at += ms;
    for (const each of this.timers.filter(({ due }) => due <= this.at)) {
      this.never(each.id);
      each.run();
    }
  }
  get last(): FakeSocket {
    return this.sockets.at(-1)!;
  }
}

class FakeSocket {
  binaryType = '';
  readyState = 0;
  sent: string[] = [];
  closed: number | undefined;
  onmessage: (event: { data: unknown }) => void = () => {};
  onclose: (event: { code: number }) => void = () => {};
  send = (text: string) => this.sent.push(text);
  close = (code: number) => {
    this.closed = code;
  };
  say = (...frames: object[]) => frames.forEach((each) => this.onmessage({ data: JSON.stringify(each) }));
}

const SNAPSHOT = { t: 'snapshot', epoch: 'e1', context: 'live', view: 'own' };

describe('the stream', () => {
  let around: Fake;
  let store: Store;
  let stream: Stream;

  beforeEach(() => {
    around = new Fake();
    store = new Store();
    stream = new Stream('wss://node/api/v1/stream', store, () => {}, around);
    stream.start();
  });

  const subscribed = () => JSON.parse(around.last.sent[0]!) as { resume: unknown };
  const bring = (seq: number) =>
    around.last.say({ t: 'hello', now: 0 }, SNAPSHOT, { t: 'meta', tracks: [aMeta(1)] }, { t: 'ready', seq, now: 0 });

  it('asks for everything the first time, and is up when a burst is whole', () => {
    around.last.say({ t: 'hello', now: 0 });
    expect(subscribed().resume).toBeNull();
    around.last.say(SNAPSHOT);
    expect(stream.state).toBe('connecting');
    around.last.say({ t: 'ready', seq: 1, now: 0 });
    expect(stream.state).toBe('up');
  });

  it('asks after a cut for what came since the last whole burst, and keeps the tracks meanwhile', () => {
    bring(7);
    around.last.onclose({ code: 1006 });
    expect([stream.state, store.size]).toEqual(['down', 1]);
    around.pass(TRY_AFTER[0]!);
    around.last.say({ t: 'hello', now: 0 });
    expect(subscribed().resume).toEqual({ epoch: 'e1', seq: 7 });
  });

  it('asks for everything when it was cut in the middle of a snapshot', () => {
    bring(7);
    around.last.say(SNAPSHOT);
    around.last.onclose({ code: 1006 });
    around.pass(TRY_AFTER[0]!);
    around.last.say({ t: 'hello', now: 0 });
    expect(subscribed().resume).toBeNull();
  });

  it('takes a silent link for dead, and opens another', () => {
    bring(1);
    around.pass(SILENT_AFTER - 1);
    expect(stream.state).toBe('up');
    around.pass(1);
    expect([stream.state, around.last.closed]).toEqual(['down', 4000]);
    around.pass(TRY_AFTER[0]!);
    expect(around.sockets.length).toBe(2);
  });

  it('waits longer from try to try, and never for ever', () => {
    for (const wait of [...TRY_AFTER, TRY_AFTER.at(-1)!]) {
      around.last.onclose({ code: 1006 });
      const tries = around.sockets.length;
      around.pass(wait - 1);
      expect(around.sockets.length).toBe(tries);
      around.pass(1);
      expect(around.sockets.length).toBe(tries + 1);
    }
  });

  it('tells what is no track as it happens, and when a connection is new, once each', () => {
    const told: unknown[] = [];
    stream.news = (news) => told.push(news.t);
    stream.opened = () => told.push('opened');
    bring(7);
    around.last.say({ t: 'chat', message: {} }, { t: 'ready', seq: 8, now: 0 }, { t: 'weather' }, { t: 'missed' });
    expect(told).toEqual(['opened', 'chat', 'missed']);
    around.last.onclose({ code: 1006 });
    around.pass(TRY_AFTER[0]!);
    bring(9);
    expect(told).toEqual(['opened', 'chat', 'missed', 'opened']);
  });

  it('tries no more when the session has ended', () => {
    bring(1);
    around.last.onclose({ code: 1008 });
    around.pass(3_600_000);
    expect([stream.state, around.sockets.length]).toEqual(['signed out', 1]);
  });

  it('tries no more when it is stopped', () => {
    stream.stop();
    around.pass(3_600_000);
    expect(around.sockets.length).toBe(1);
  });

  it('asks for another context from nowhere, and takes nothing of the old one for its place', () => {
    bring(7);
    around.last.readyState = 1;
    stream.follow('exercise:TASMAN 26');
    expect(JSON.parse(around.last.sent[1]!)).toEqual({ t: 'subscribe', context: 'exercise:TASMAN 26', view: 'own', resume: null });
    around.last.say({ t: 'ready', seq: 8, now: 0 });
    around.last.onclose({ code: 1006 });
    around.pass(TRY_AFTER[0]!);
    around.last.say({ t: 'hello', now: 0 });
    expect(subscribed().resume).toBeNull();
  });

  it('begins anew after what cannot be read', () => {
    bring(7);
    const complained = vi.spyOn(console, 'error').mockImplementation(() => {});
    around.last.onmessage({ data: 'nonsense' });
    expect(complained).toHaveBeenCalledOnce();
    around.pass(TRY_AFTER[0]!);
    around.last.say({ t: 'hello', now: 0 });
    expect(subscribed().resume).toBeNull();
  });

  const MOMENT = { t: 'replay', at: 500_000, speed: 15, since: 0, whole: true };
  const said = () => JSON.parse(around.last.sent.at(-1)!) as Record<string, unknown>;
  const opened = () => {
    bring(7);
    around.last.readyState = 1;
  };

  it('asks for another moment, for another speed from where it is, and for the live picture', () => {
    opened();
    stream.replay(1234.5, 15);
    expect(said()).toEqual({ t: 'subscribe', context: 'live', view: 'replay', at: 1235, speed: 15 });
    stream.replay(null, 0);
    expect(said()).toEqual({ t: 'subscribe', context: 'live', view: 'replay', at: null, speed: 0 });
    stream.live();
    expect(said()).toEqual({ t: 'subscribe', context: 'live', view: 'own', resume: null });
  });

  it('is told how far a replay is, and keeps the clock of the node', () => {
    opened();
    const skew = stream.applying.skew;
    let moved = 0;
    stream.moved = () => moved++;
    stream.replay(400_000, 15);
    around.last.say({ ...SNAPSHOT, context: 'replay:live', view: 'replay' }, { t: 'ready', seq: 1, now: 400_000 }, MOMENT);
    expect([moved, stream.applying.moment?.at, stream.applying.skew]).toEqual([1, 500_000, skew]);
  });

  it('asks for the replay that is played to everybody, is told of it, and goes on with it after a cut', () => {
    opened();
    let moved = 0;
    stream.moved = () => moved++;
    stream.watch('R1');
    expect(said()).toEqual({ t: 'subscribe', context: 'replay:R1', view: 'own', resume: null });
    around.last.say({ ...SNAPSHOT, context: 'replay:R1' }, { t: 'ready', seq: 1, now: 400_000 }, MOMENT);
    expect([moved, stream.applying.moment?.at]).toEqual([1, 500_000]);
    around.last.onclose({ code: 1006 });
    around.pass(TRY_AFTER[0]!);
    around.last.say({ t: 'hello', now: 0 });
    expect(subscribed()).toMatchObject({ context: 'replay:R1', view: 'own' });
    around.last.readyState = 1;
    stream.live();
    expect(said()).toMatchObject({ context: 'live', view: 'own' });
  });

  it('takes nothing of the live picture for that of a replay', () => {
    opened();
    let moved = 0;
    stream.moved = () => moved++;
    stream.replay(400_000, 1);
    around.last.say({ t: 'ready', seq: 8, now: 0 }, MOMENT);
    expect(moved).toBe(0);
  });

  it('goes on with a replay where it was when the link comes back, and never resumes it', () => {
    opened();
    stream.replay(400_000, 15);
    around.last.say({ ...SNAPSHOT, context: 'replay:live', view: 'replay' }, { t: 'ready', seq: 1, now: 0 }, MOMENT);
    around.last.onclose({ code: 1006 });
    around.pass(TRY_AFTER[0]!);
    around.last.say({ t: 'hello', now: 0 });
    expect(said()).toEqual({ t: 'subscribe', context: 'live', view: 'replay', at: 500_000, speed: 15 });
  });

  it('leaves a replay for another context, live', () => {
    opened();
    stream.replay(400_000, 15);
    stream.follow('exercise:TASMAN');
    expect(said()).toEqual({ t: 'subscribe', context: 'exercise:TASMAN', view: 'own', resume: null });
  });
});
