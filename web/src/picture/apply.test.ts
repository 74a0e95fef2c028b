import { describe, expect, it } from 'vitest';
import { Applying } from './apply';
import { Store } from './store';
import { aMeta } from './testing/builders';

function begun(): { store: Store; applying: Applying; say: (frame: object) => void } {
  const store = new Store();
  const applying = new Applying(store);
  return { store, applying, say: (frame) => void applying.text(JSON.stringify(frame), 1000) };
}

describe('what the stream says', () => {
  it('moves the page only when a burst is whole', () => {
    const { applying, say } = begun();
    say({ t: 'snapshot', epoch: 'e1', context: 'live', view: 'own' });
    say({ t: 'meta', tracks: [aMeta(1)] });
    expect(applying.place).toBeUndefined();
    say({ t: 'ready', seq: 7, now: 1000 });
    expect(applying.place).toEqual({ epoch: 'e1', seq: 7 });
  });
  it('makes a snapshot forget every track, and a resume none', () => {
    const { store, say } = begun();
    say({ t: 'snapshot', epoch: 'e1', context: 'live', view: 'own' });
    say({ t: 'meta', tracks: [aMeta(1)] });
    say({ t: 'resume', epoch: 'e1', context: 'live', view: 'own' });
    expect(store.size).toBe(1);
    say({ t: 'snapshot', epoch: 'e2', context: 'live', view: 'own' });
    expect(store.size).toBe(0);
  });
  it('tells how far this clock is from the node\'s', () => {
    const { applying, say } = begun();
    say({ t: 'clock', now: 301_000 });
    expect(applying.skew).toBe(300_000);
  });
  it('notes what the node refuses', () => {
    const { applying, say } = begun();
    say({ t: 'refused', why: 'takes no part in exercise:X' });
    expect(applying.refused).toBe('takes no part in exercise:X');
  });
  it('passes over what it does not know, and notes it once', () => {
    const { applying, say } = begun();
    say({ t: 'weather' });
    say({ t: 'weather' });
    applying.binary(new Uint8Array([65, 76, 82, 49]).buffer);
    expect([...applying.passedOver]).toEqual(['weather', 'ALR1']);
  });
});
