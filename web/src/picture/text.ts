/** Makes text that others chose safe to show: it stays text, stays short, and steers nothing. */

/** Letters shown of a name; a longer one is cut. */
export const LONGEST_NAME = 40;

/** Control characters, and the marks that turn the direction of what follows (UAX 9) or are not seen. */
const STEERING = /[\p{Cc}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** Letters that neither steer nor hide: all that most names have, and there are tens of thousands of them at a time. */
const HARMLESS = /^[\x20-\x7e]*$/;

/** A name without what steers or hides, cut to `longest` letters. */
export function plainName(text: string, longest = LONGEST_NAME): string {
  if (text.length <= longest && HARMLESS.test(text)) return text.trim();
  // A cut before the replacing keeps a name of megabytes from costing more than a short one.
  const seen = text.slice(0, 4 * longest).replace(STEERING, '').trim();
  const letters = [...seen];
  return letters.length > longest ? `${letters.slice(0, longest - 1).join('')}…` : seen;
}

/** Letters shown of what somebody says: more than the node lets in from a page. */
export const LONGEST_WORDS = 10_000;

/** Words of several lines without what steers or hides. */
export function plainWords(text: string): string {
  const lines = text.slice(0, LONGEST_WORDS).replace(/\r\n?/g, '\n').split('\n');
  return lines.map((line) => line.replace(STEERING, (mark) => (mark === '\t' ? ' ' : ''))).join('\n');
}

/** Letters without accents, all of them. */
const PLAIN = /^[\x00-\x7f]*$/;

/** Small letters without accents, so that "tauranga" finds "Tauranga" and "ohope" finds "Ōhope". */
export function folded(text: string): string {
  // Most of what is searched is plain, and there are tens of thousands of them at a key.
  return (PLAIN.test(text) ? text : text.normalize('NFD').replace(/\p{M}/gu, '')).toLowerCase();
}
