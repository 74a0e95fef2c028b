/** Beeps, made here: there is no file to fetch, and none to lose. */
import { SOUNDS } from '../picture/alerts';

/** Loud enough to be heard, with room for the officer to turn it up. */
const LOUDNESS = 0.25;
/** Seconds in which a beep comes and goes, so that it does not click. */
const RAMP = 0.012;

export class Sound {
  #context: AudioContext | undefined;
  #timer = 0;
  #plays: 'alarm' | 'warning' | null = null;

  /** Whether the browser keeps it silent until somebody has touched the page. */
  get isBlocked(): boolean {
    return this.#plays !== null && this.#context?.state !== 'running';
  }

  /** Plays this from now on, again and again; null: nothing. */
  play(what: 'alarm' | 'warning' | null): void {
    if (what === this.#plays) return;
    this.#plays = what;
    window.clearInterval(this.#timer);
    if (what === null) return;
    this.#once(what);
    this.#timer = window.setInterval(() => this.#once(what), SOUNDS[what].every * 1000);
  }

  /** Somebody has touched the page: now the browser lets it sound. */
  unblock(): void {
    if (this.isBlocked) void this.#opened().resume();
  }

  #opened(): AudioContext {
    this.#context ??= new AudioContext();
    return this.#context;
  }

  #once(what: 'alarm' | 'warning'): void {
    const context = this.#opened();
    if (context.state !== 'running') return void context.resume();
    for (const [at, lasts, pitch] of SOUNDS[what].beeps) beep(context, context.currentTime + at, lasts, pitch);
  }
}

function beep(context: AudioContext, at: number, lasts: number, pitch: number): void {
  const tone = new OscillatorNode(context, { frequency: pitch, type: 'triangle' });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(LOUDNESS, at + RAMP);
  gain.gain.setValueAtTime(LOUDNESS, at + lasts - RAMP);
  gain.gain.linearRampToValueAtTime(0, at + lasts);
  tone.connect(gain).connect(context.destination);
  tone.start(at);
  tone.stop(at + lasts);
}
