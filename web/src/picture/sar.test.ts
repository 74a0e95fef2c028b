import { describe, expect, it } from 'vitest';
import { areasOf, type CaseLine, joined, middleOf, spelledPlace, strength, tasksOf, unitOf } from './sar';

const task = (about: string, value: object | string): CaseLine => ({
  id: `N:${about}`, node: 'N', at: '', by: '', kind: 'task', about, place: null, private: false,
  value: typeof value === 'string' ? value : JSON.stringify(value),
}); // prettier-ignore

describe('a case on the map', () => {
  it('has lines over the date line in one piece', () => {
    expect(joined([[-17, 179.5], [-17, -179.5], [-18, 179]])).toEqual([[179.5, -17], [180.5, -17], [179, -18]]); // prettier-ignore
    expect(joined([])).toEqual([]);
  });

  it('has the middle of a cell on the date line beside that line', () => {
    expect(middleOf([[-17, 179], [-17, -179], [-19, -179], [-19, 179]])).toEqual([-18, -180]); // prettier-ignore
    expect(middleOf([])).toEqual([0, 0]);
  });

  it('draws every outline of an area, and none that is none', () => {
    const text = '-16.0000,167.0000 -16.0000,168.0000 -17.0000,168.0000 -16.0000,167.0000\n1,2 x,y 3,4 1,2\n1,2 3,4';
    expect(areasOf(text, 'Lola')).toEqual([{ name: 'Lola', kind: '', points: [], corners: [[-16, 167], [-16, 168], [-17, 168], [-16, 167]] }]); // prettier-ignore
    expect(areasOf('', 'none')).toEqual([]);
  });

  it('draws the likeliest cell fully and nothing where there is no chance', () => {
    expect(strength(0.2, 0.2)).toBe(1);
    expect(strength(0.05, 0.2)).toBe(0.5);
    expect(strength(0, 0)).toBe(0);
  });

  it('shows the last task of each unit, and none that cannot be read', () => {
    const old = { name: 'Rescue 1', kind: 'PS', begins: 't', corners: [], points: [[1, 2]] };
    const log = [task('A', old), task('A', { ...old, kind: 'SS' }), task('B', '{'), task('C', {})];
    expect(tasksOf(log).map((each) => [each.unit, each.kind])).toEqual([['A', 'SS']]);
  });
});

describe('a case for people', () => {
  it('spells places in degrees and minutes, and leaves what is none', () => {
    expect(spelledPlace('-36.603333,174.716667')).toBe('36-36.2S 174-43.0E');
    expect(spelledPlace('17.999999,-0.5')).toBe('18-00.0N 000-30.0W');
    expect(spelledPlace('north')).toBe('north');
    expect(spelledPlace('1,north')).toBe('1,north');
  });

  it('reads a unit, and says when it cannot', () => {
    expect(unitOf('{"name": "Rescue 1"}')?.name).toBe('Rescue 1');
    expect(unitOf('{')).toBe(null);
  });
});
