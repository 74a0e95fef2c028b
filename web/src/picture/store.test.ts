import { describe, expect, it } from 'vitest';
import { NO_PLACE } from './frames';
import { LIVE, LOST, STALE, Store, weightOf } from './store';
import { aMeta, positions } from './testing/builders';

function stored(...more: Parameters<typeof aMeta>[1][]): Store {
  const store = new Store();
  store.describe(more.length ? more.map((each, n) => aMeta(n + 1, each)) : [aMeta(1)]);
  return store;
}

describe('the store', () => {
  it('has no position of a track until one comes', () => {
    const store = stored();
    expect(store.x[0]).toBeNaN();
    store.move(positions(5, [1, 174.5, -41.25, 90, null]));
    expect([store.lon[0], store.lat[0], store.course[0], store.time[0]]).toEqual([174.5, -41.25, 90, 5]);
    expect(store.speed[0]).toBeNaN();
  });
  it('does not move to where nothing can be', () => {
    const store = stored();
    store.move(positions(5, [1, 174.5, -41]));
    store.move(positions(6, [1, 200, -41], [1, 0, 95]));
    expect([store.lon[0], store.refused]).toEqual([174.5, 2]);
  });
  it('takes no position of a track that it does not know', () => {
    const store = stored();
    store.move(positions(5, [99, 1, 1]));
    expect(store.size).toBe(1);
  });
  it('knows how old a position is that came late', () => {
    const store = stored();
    store.move(positions(90_000, [1, 174, -41]));
    store.date({ t: 'AGE1', time: 90_000, index: Uint32Array.of(1), seconds: Uint32Array.of(60) });
    expect(store.time[0]).toBe(30_000);
  });
  it('has no place any more for what says none, but still its state', () => {
    const store = stored();
    store.move(positions(5, [1, 174, -41]));
    store.age([[1, 'stale']]);
    const nowhere = positions(6, [1, 0, 0]);
    nowhere.lon[0] = nowhere.lat[0] = NO_PLACE;
    store.move(nowhere);
    expect([store.x[0], store.state[0], store.refused]).toEqual([NaN, STALE, 0]);
  });
  it('ages a track and makes it young again', () => {
    const store = stored();
    for (const [said, state] of [['stale', STALE], ['lost', LOST], ['live', LIVE]] as const) {
      store.age([[1, said]]);
      expect(store.state[0]).toBe(state);
    }
  });
  it('leaves place and state as they are when a track is described again', () => {
    const store = stored();
    store.move(positions(5, [1, 174, -41]));
    store.age([[1, 'stale']]);
    store.describe([aMeta(1, { name: 'Other' })]);
    expect([store.lon[0], store.state[0], store.metas[0]!.name]).toEqual([174, STALE, 'Other']);
  });
  it('shows nothing any more of what is gone, and says why', () => {
    const store = stored();
    store.drop([[1, 'recalled']]);
    expect([store.size, store.slotOf('uid-1'), store.whyGone('uid-1')]).toEqual([0, undefined, 'recalled']);
    store.describe([aMeta(8, { uid: 'uid-1' })]);
    expect([store.size, store.whyGone('uid-1')]).toEqual([1, undefined]);
  });
  it('takes another track under an index that was gone in the same burst', () => {
    const store = stored({}, {});
    store.age([[1, 'lost']]);
    store.drop([[1, 'lost']]);
    store.describe([aMeta(1, { uid: 'other' })]);
    expect([store.size, store.state[store.slotOf('other')!]]).toEqual([2, LIVE]);
  });
  it('does not keep the track of an index that is now another', () => {
    const store = stored();
    store.describe([aMeta(1, { uid: 'other' })]);
    expect([store.size, store.slotOf('uid-1'), store.slotOf('other')]).toEqual([1, undefined, 0]);
  });
  it('uses a slot again without what stood there', () => {
    const store = stored();
    store.move(positions(5, [1, 174, -41]));
    store.drop([[1, 'removed']]);
    store.describe([aMeta(2)]);
    expect([store.end, store.time[0]]).toEqual([1, 0]);
    expect(store.x[0]).toBeNaN();
  });
  it('grows beyond its first columns', () => {
    const store = new Store();
    store.describe(Array.from({ length: 1500 }, (_, n) => aMeta(n)));
    store.move(positions(1, [1499, 10, 10]));
    expect([store.size, store.lon[1499]]).toEqual([1500, 10]);
  });
  it('holds names that are safe to show', () => {
    expect(stored({ name: 'a\u202Eb' }).metas[0]!.name).toBe('ab');
  });
  it('forgets everything before another snapshot', () => {
    const store = stored();
    store.clear();
    expect([store.size, store.end, store.slotOf('uid-1')]).toEqual([0, 0, undefined]);
  });
  it('tells what tracks are from where they are', () => {
    const store = stored();
    const began = store.described;
    store.move(positions(5, [1, 174, -41]));
    store.age([[1, 'stale']]);
    expect(store.described).toBe(began);
    const changes = [() => store.describe([aMeta(2)]), () => store.drop([[1, 'removed']]), () => store.clear()];
    expect(changes.map((change) => (change(), store.described - began))).toEqual([1, 2, 3]);
  });
  it('weighs an emergency above a hostile, and that above a friend', () => {
    const [emergency, hostile, friend] = [
      weightOf(aMeta(1, { emergency: true })),
      weightOf(aMeta(1, { affiliation: 'h' })),
      weightOf(aMeta(1, { affiliation: 'f' })),
    ];
    expect(emergency > hostile && hostile > friend).toBe(true);
  });
});
