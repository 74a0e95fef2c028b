import { describe, expect, it } from 'vitest';
import { coverageNoted, hoursBetween, linesWith, nameOfFact, pasted, refusal, rowsOf, scenariosOf, tableOf, typedTime } from './case-form';
import type { CaseLine, Fact } from './sar';

const fact = (value: string): Fact => ({ value, by: 'aroha', node: 'N', at: '', seen: [], rivals: [] });
const line = (kind: string, value: string, more: Partial<CaseLine> = {}): CaseLine => ({
  id: `${kind}${value}`, node: 'N', at: '2026-11-26T03:00:00Z', by: 'aroha', kind, about: '', value, place: null, private: false, ...more,
}); // prettier-ignore

describe('what was refused', () => {
  it('is about the field that the sentence begins with', () => {
    expect(refusal("wind: '300/x' is no wind", '', [], { wind: '300/x', current: '1/1' }).field).toBe('wind');
  });

  it('is about the field whose text it repeats, with the choices', () => {
    const typed = { weight: '3', position: '36 36.2S 174 43E', to: '36 36.2 174 43' };
    const found = refusal("'36 36.2 174 43' can mean A or B: say which one", 'position', ['A', 'B'], typed);
    expect(found).toMatchObject({ field: 'to', choices: ['A', 'B'] });
  });

  it('is found in double quotes, and by its beginning where it is long', () => {
    const typed = { at: `36°30'`, time: 'x'.repeat(50) };
    expect(refusal(`"36°30'" is no place`, '', [], typed).field).toBe('at');
    expect(refusal(`'${'x'.repeat(40)}' is no time`, '', [], typed).field).toBe('time');
  });

  it('is about the field that is named, and about none where that was not typed', () => {
    expect(refusal('a position needs figures', 'position', [], { position: 'north', to: '' }).field).toBe('position');
    expect(refusal('the node is full', 'uid', [], { position: '' }).field).toBe('');
    expect(refusal('nobody: knows', '', [], { position: ' ' }).field).toBe('');
  });
});

describe('a pasted text', () => {
  it('is an alert where it is XML, names one where it is a word, else the message of a beacon', () => {
    expect(pasted(' <alert/> ')).toEqual({ cap: '<alert/>' });
    expect(pasted('1. DISTRESS COSPAS-SARSAT')).toEqual({ beacon: '1. DISTRESS COSPAS-SARSAT' });
    expect(pasted(' TC1000643\n')).toEqual({ alert: 'TC1000643' });
    expect(pasted(' \n')).toBe(null);
  });
});

describe('a table of wind', () => {
  it('comes back as it was typed, without the rows that are empty', () => {
    const rows = [{ time: '2026-11-26T03:00Z', degrees: '230', knots: '12,5' }, { time: ' ', degrees: '', knots: '' }];
    expect(tableOf(rows)).toBe('time,degrees,knots\n2026-11-26T03:00Z,230,12.5');
    expect(rowsOf(tableOf(rows))).toEqual([{ time: '2026-11-26T03:00Z', degrees: '230', knots: '12.5' }]);
  });

  it('is none where the value is steady or in a file, and a row that lacks something shows it', () => {
    expect(rowsOf('230/20')).toEqual([]);
    expect(rowsOf('time,degrees,knots\n2026')).toEqual([{ time: '2026', degrees: '', knots: '' }]);
  });
});

describe('scenarios', () => {
  it('have their share of the weights, and what cannot be read is left out', () => {
    const said = (weight: number) => fact(JSON.stringify({ position: '-36.5,174.5', error: 2, time: 't', time_error: 30, weight }));
    const found = scenariosOf({ 'scenario:a': said(3), 'scenario:b': said(1), 'scenario:c': fact('{'), 'scenario:d': fact(''), 'unit:x': said(9) });
    expect(found.map((each) => [each.name, each.share, each.timeError, each.to])).toEqual([['a', 0.75, 30, ''], ['b', 0.25, 30, '']]);
    expect(scenariosOf({ 'scenario:a': fact('{"weight": "much"}') })[0]).toMatchObject({ weight: 1, position: '' });
    expect(scenariosOf({ 'scenario:a': said(0) })[0]?.share).toBe(0);
  });

  it('are named without blanks and colons', () => {
    expect(nameOfFact(' drifted from: the bar ')).toBe('drifted-from-the-bar');
  });
});

describe('times', () => {
  it('are typed to the minute, and counted in whole hours', () => {
    const at = Date.UTC(2026, 10, 26, 3, 4, 59);
    expect(typedTime(at)).toBe('2026-11-26T03:04Z');
    expect(hoursBetween(at, at + 2.5 * 3_600_000)).toBe(2);
    expect(hoursBetween(at, at - 1)).toBe(-1);
  });
});

describe('a log', () => {
  it('tells what was noted of coverage, and nothing that cannot be read', () => {
    const log = [line('covered', '{"pos": 0.25}'), line('covered', '{'), line('covered', '{}'), line('note', '{"pos": 1}')];
    expect(coverageNoted(log).map((each) => each.pos)).toEqual([0.25]);
  });

  it('is searched by all words in any order, and by kind', () => {
    const log = [line('note', 'red flare seen'), line('sighting', 'Red hull', { by: 'Moa' }), line('note', 'green')];
    expect(linesWith(log, 'FLARE red', '').length).toBe(1);
    expect(linesWith(log, 'moa', 'sighting').length).toBe(1);
    expect(linesWith(log, '', 'note').length).toBe(2);
  });
});
