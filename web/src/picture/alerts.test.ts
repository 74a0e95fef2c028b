import { describe, expect, it } from 'vitest';
import {
  type Alert,
  type Entry,
  folded,
  heard,
  inOrder,
  MOST_ENTRIES,
  NO_SILENCE,
  SILENT_FOR,
  SOUNDS,
  silenced,
  tally,
  untold,
  rising,
  waiting,
  withAlert,
  withEntry,
} from './alerts';

function anAlert(number: number, more: Partial<Alert> = {}): Alert {
  return {
    number,
    kind: 'feed',
    priority: 'caution',
    text: `alert ${number}`,
    uid: null,
    context: 'live',
    state: 'unacknowledged',
    raised: new Date(Date.UTC(2026, 10, 25, 4, 0, number)).toISOString(),
    times: 1,
    rectified: null,
    acknowledged: null,
    acknowledged_by: '',
    owner: '',
    offered_to: '',
    quiet_until: null,
    ...more,
  };
}

const anEntry = (number: number, act = 'noted'): Entry => ({
  number,
  at: '2026-11-25T04:00:00Z',
  act,
  by: 'aroha',
  text: '',
  alert: null,
  uids: [],
  context: 'live',
});

const numbers = (alerts: Alert[]) => alerts.map((each) => each.number);

describe('alerts', () => {
  it('come in the order in which they need attention', () => {
    const alerts = [
      anAlert(1),
      anAlert(2, { priority: 'alarm', state: 'acknowledged' }),
      anAlert(3, { priority: 'warning' }),
      anAlert(4, { priority: 'alarm' }),
      anAlert(5, { priority: 'alarm', state: 'rectified' }),
    ];
    expect(numbers(inOrder(alerts))).toEqual([4, 5, 3, 1, 2]);
  });
  it('replace the one of their number, and go when they have ended', () => {
    const one = withAlert([anAlert(1), anAlert(2)], anAlert(1, { state: 'acknowledged' }));
    expect(one.map((each) => [each.number, each.state])).toEqual([
      [2, 'unacknowledged'],
      [1, 'acknowledged'],
    ]);
    expect(numbers(withAlert(one, anAlert(1, { state: 'ended' })))).toEqual([2]);
    expect(numbers(withAlert(one, anAlert(7, { state: 'ended' })))).toEqual([2, 1]);
  });
  it('are folded when there are many of one kind, never across what must not be mixed', () => {
    const links = [1, 2, 3, 4].map((n) => anAlert(n, { kind: 'link' }));
    const drills = [5, 6, 7].map((n) => anAlert(n, { kind: 'link', context: 'exercise:TASMAN 26' }));
    const seen = anAlert(8, { kind: 'link', state: 'acknowledged' });
    const worse = anAlert(9, { kind: 'link', priority: 'warning' });
    const over = anAlert(10, { kind: 'link', state: 'rectified' });
    expect(folded([...links, ...drills, seen, worse, over]).map((fold) => numbers(fold.alerts))).toEqual([
      [9],
      [7],
      [6],
      [5],
      [4, 3, 2, 1],
      [10],
      [8],
    ]);
  });
  it('are counted until somebody has acknowledged them', () => {
    const alerts = [anAlert(1, { priority: 'alarm' }), anAlert(2, { priority: 'alarm', state: 'acknowledged' }), anAlert(3)];
    expect(waiting(alerts)).toEqual({ alarm: 1, warning: 0, caution: 1 });
  });
  it('are told once, and once more when they arise again', () => {
    const told = new Set([rising(anAlert(1))]);
    expect(numbers(untold([anAlert(1), anAlert(2), anAlert(3, { state: 'acknowledged' })], told))).toEqual([2]);
    expect(numbers(untold([anAlert(1, { times: 2 })], told))).toEqual([1]);
  });
});

describe('the sound', () => {
  const alarm = anAlert(1, { priority: 'alarm' });
  const warning = anAlert(2, { priority: 'warning' });

  it('is that of the most urgent, and none for a caution', () => {
    expect(heard([warning, alarm, anAlert(3)], NO_SILENCE, 1)).toBe('alarm');
    expect(heard([warning, anAlert(3)], NO_SILENCE, 1)).toBe('warning');
    expect(heard([anAlert(3)], NO_SILENCE, 1)).toBeNull();
  });
  it('ends when somebody acknowledges it, and when it is over', () => {
    expect(heard([{ ...alarm, state: 'acknowledged' }], NO_SILENCE, 1)).toBeNull();
    expect(heard([{ ...alarm, state: 'rectified' }], NO_SILENCE, 1)).toBeNull();
  });
  it('is silent for a while, but for what arises meanwhile', () => {
    const silence = silenced([alarm], 1000);
    expect(heard([alarm], silence, 1000 + SILENT_FOR - 1)).toBeNull();
    expect(heard([alarm], silence, 1000 + SILENT_FOR)).toBe('alarm');
    expect(heard([alarm, warning], silence, 1001)).toBe('warning');
    expect(heard([{ ...alarm, times: 2 }], silence, 1001)).toBe('alarm');
  });
  it.each(['alarm', 'warning'] as const)('of %s is over before it comes again', (priority) => {
    const { beeps, every } = SOUNDS[priority];
    expect(Math.max(...beeps.map(([at, lasts]) => at + lasts))).toBeLessThan(every);
  });
});

describe('the log', () => {
  it('has the newest first, each once, and no more than it may hold', () => {
    const log = withEntry([anEntry(3), anEntry(1)], anEntry(2));
    expect(log.map((each) => each.number)).toEqual([3, 2, 1]);
    expect(withEntry(log, anEntry(3)).length).toBe(3);
    const full = Array.from({ length: MOST_ENTRIES }, (_, n) => anEntry(MOST_ENTRIES - n));
    expect(withEntry(full, anEntry(MOST_ENTRIES + 1)).map((each) => each.number)).toEqual(
      Array.from({ length: MOST_ENTRIES }, (_, n) => MOST_ENTRIES + 1 - n),
    );
  });
  it('is summed up by what happened', () => {
    expect(tally([anEntry(1, 'raised'), anEntry(2), anEntry(3)])).toEqual([
      ['noted', 2],
      ['raised', 1],
    ]);
  });
});
