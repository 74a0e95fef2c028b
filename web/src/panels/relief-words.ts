/** What the fields of relief, and the words that can be chosen in them, are called. */
import { type Key, say, sayOf, WORDS } from '../words/words';

/** A field's name as people read it. */
export function fieldOf(sort: string, name: string): string {
  return sort === 'medevac' && name === 'priority' ? say('relief.f.precedence') : sayOf('relief.f', name, 'relief.f.what');
}

/** A word that can be chosen. */
export function choiceOf(word: string): string {
  const key = `relief.c.${word.replaceAll(' ', '_')}`;
  return key in WORDS.en ? say(key as Key) : word;
}
