/** The contexts that a reader can ask for. */

const EXERCISE = 'exercise:';

/** The exercise that an address asks for after its #; null where it asks for none, or for what cannot be read. */
export function contextAsked(hash: string): string | null {
  try {
    const asked = decodeURIComponent(hash.slice(1));
    return asked.startsWith(EXERCISE) ? asked : null;
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
