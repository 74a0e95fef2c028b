/** How long ago something was, in words short enough for a table. */

/** 12 s, 4 min, 3 h, 2 d; a time that has not come yet is 0 s. */
export function shortAge(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 172_800) return `${Math.floor(whole / 3600)} h`;
  return `${Math.floor(whole / 86_400)} d`;
}

const TWO = (n: number) => String(n).padStart(2, '0');

/** 14:05:09Z of a time in milliseconds. */
export function utcClock(ms: number): string {
  const at = new Date(ms);
  return `${TWO(at.getUTCHours())}:${TWO(at.getUTCMinutes())}:${TWO(at.getUTCSeconds())}Z`;
}

/** 03:05:09 by the clock of this machine. */
export function localClock(ms: number): string {
  const at = new Date(ms);
  return `${TWO(at.getHours())}:${TWO(at.getMinutes())}:${TWO(at.getSeconds())}`;
}

/** 14:05Z of a time of today, with the day before it otherwise; both in milliseconds. */
export function utcMinute(ms: number, now: number): string {
  const [day, time] = new Date(ms).toISOString().split('T') as [string, string];
  const minute = `${time.slice(0, 5)}Z`;
  return new Date(now).toISOString().startsWith(day) ? minute : `${day} ${minute}`;
}

/** 2026-11-25 14:05:09Z of a time in milliseconds. */
export function utcStamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 10)} ${utcClock(ms)}`;
}
