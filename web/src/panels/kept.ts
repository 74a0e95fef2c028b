/** What this browser keeps for its reader: light, language, where the map was. Never what the node said. */

/** What was kept under a name; null where nothing was, or it cannot be read. */
export function kept<T>(name: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(`accord.${name}`) ?? 'null') as T | null;
  } catch {
    return null;
  }
}

/** Keeps a value; where the browser keeps nothing, it is gone at the next load, and that is all. */
export function keep(name: string, value: unknown): void {
  try {
    localStorage.setItem(`accord.${name}`, JSON.stringify(value));
  } catch {
    console.info('this browser keeps nothing');
  }
}

/** Milliseconds for which a value that changes all the time is not written. */
const SOON = 1000;
const waiting = new Map<string, unknown>();

function keepWaiting(): void {
  for (const [name, value] of waiting) keep(name, value);
  waiting.clear();
}

/** Keeps a value that changes all the time: once a second, and when the page is left. */
export function keepSoon(name: string, value: unknown): void {
  if (waiting.size === 0) window.setTimeout(keepWaiting, SOON);
  waiting.set(name, value);
}

window.addEventListener('pagehide', keepWaiting);

/** What somebody was typing in this window, and has not sent; it outlives a reload. */
export function draft(name: string): string {
  try {
    return sessionStorage.getItem(`accord.${name}`) ?? '';
  } catch {
    return '';
  }
}

export function keepDraft(name: string, text: string): void {
  try {
    if (text === '') sessionStorage.removeItem(`accord.${name}`);
    else sessionStorage.setItem(`accord.${name}`, text);
  } catch {
    console.info('this browser keeps nothing');
  }
}

/** Forgets all that was being typed in this window, as when somebody else signs in. */
export function forgetDrafts(): void {
  try {
    for (const name of Object.keys(sessionStorage)) if (name.startsWith('accord.')) sessionStorage.removeItem(name);
  } catch {
    console.info('this browser keeps nothing');
  }
}
