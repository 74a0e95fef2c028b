import { describe, expect, it } from 'vitest';
import { type Asked, eventsOf, isWorking, type Line, markOf, partDone, type Progress, sentencesOf, type Statement } from './commitments';

function oneLine(clause: number, more: Partial<Line> = {}): Line {
  return {
    id: 'J', title: 'Joint', source: 'paper', standing: 'invented', clause, binding: 'adds a deployment', sentence: 'A.',
    owed_by: 'NZL', owed_to: 'WSM', due: null, until: null, progress: 'not due yet', confirmed_by: 'moana', ...more,
  }; // prettier-ignore
}

function asked(state: Asked['state'], done = 0, of = 0): Asked {
  return { id: '1', context: '', asked: '', by: '', source: 'register', commitments: [], baseline: null, state, done, of, trouble: '', page: null };
}

describe('a statement', () => {
  it('has its sentences in order, each with its clauses, and none of them twice', () => {
    const clauses = [oneLine(1), oneLine(2, { sentence: 'B.' }), oneLine(3)];
    const statement = { sentences: ['A.', 'C.', 'B.', 'A.'], clauses } as Statement;
    expect(sentencesOf(statement).map((each) => [each.text, each.clauses.map((line) => line.clause)])).toEqual([['A.', [1, 3]], ['C.', []], ['B.', [2]], ['A.', []]]);
  });
  it('is confirmed before anything is said of how it was kept, and what cannot be measured is never kept', () => {
    expect(eventsOf(oneLine(1, { confirmed_by: '', progress: 'not confirmed' }))).toEqual(['confirmed']);
    expect(eventsOf(oneLine(1))).toEqual(['kept', 'broken']);
    expect(eventsOf(oneLine(1, { progress: 'not measurable' }))).toEqual([]);
  });
  it('shows how it stands by six shapes', () => {
    const all: Progress[] = ['not measurable', 'not confirmed', 'not due yet', 'kept', 'late', 'broken'];
    expect(new Set(all.map(markOf)).size).toBe(6);
  });
});

describe('an answer', () => {
  it('is asked for again only while one is being made', () => {
    expect(isWorking(null)).toBe(false);
    expect(isWorking({ answers: [asked('done'), asked('failed')], sources: [] })).toBe(false);
    expect(isWorking({ answers: [asked('done'), asked('waiting')], sources: [] })).toBe(true);
  });
  it('is never more than done, and says nothing of what is not known', () => {
    expect([partDone(asked('working')), partDone(asked('working', 1, 3)), partDone(asked('working', 9, 3))]).toEqual([null, 33, 100]);
  });
});
