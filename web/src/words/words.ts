/** Every sentence of the page, in the language of the reader. */
import en from './en.json';
import fr from './fr.json';

export type Key = keyof typeof en;
export type Language = 'en' | 'fr';

export const LANGUAGES: Record<Language, string> = { en: 'English', fr: 'Français' };

/** The words of each language; a language that lacks one does not build. */
export const WORDS: Record<Language, Record<Key, string>> = { en, fr };

let spoken: Language = 'en';

/** The language spoken from now on. */
export function speak(language: Language): void {
  spoken = language;
}

export function language(): Language {
  return spoken;
}

/** The first of the wanted languages that there is; English where there is none. */
export function understood(wanted: readonly string[]): Language {
  const short = wanted.map((each) => each.slice(0, 2).toLowerCase());
  return (short.find((each) => each in LANGUAGES) as Language | undefined) ?? 'en';
}

/** A sentence, with {what} is left open filled in. */
export function say(key: Key, open: Record<string, string | number> = {}): string {
  return WORDS[spoken][key].replace(/\{(\w+)\}/g, (hole, name: string) => String(open[name] ?? hole));
}

/** A word that is chosen by something said: `fallback` where there is none for it. */
export function sayOf(group: string, name: string | null, fallback: Key): string {
  const key = `${group}.${name}`;
  return key in WORDS.en ? say(key as Key) : say(fallback);
}
