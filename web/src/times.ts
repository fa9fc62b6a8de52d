// Times as the API has them, texts in UTC, and as people read them: in their own zone and manner.
import { reader } from './reader.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Day and time in the reader's zone, as in `26 Nov 2026, 14:05`. */
export function instantText(at: string, locale: string = reader().locale, timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', ...zone }).format(new Date(at));
}

/** A date without a time, as in `26 Nov 2026`; `day` is `2026-11-26`, in UTC. */
export function dayText(day: string, locale: string = reader().locale): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));
}

/** How long ago `at` was, in one unit, as in `3 hours ago`. `now` is in milliseconds. */
export function agoText(at: string, now: number, locale: string = reader().locale): string {
  const passed = Math.max(0, now - Date.parse(at));
  const form = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  if (passed < MINUTE) {
    return form.format(0, 'second');
  }
  if (passed < HOUR) {
    return form.format(-Math.floor(passed / MINUTE), 'minute');
  }
  return passed < DAY
    ? form.format(-Math.floor(passed / HOUR), 'hour')
    : form.format(-Math.floor(passed / DAY), 'day');
}

/** What is left of a span in milliseconds, as in `12:05`, `1:02:05` or `3 days`; nothing is left below zero. */
export function leftText(left: number, locale: string = reader().locale): string {
  const seconds = Math.max(0, Math.ceil(left / SECOND));
  if (seconds * SECOND >= 2 * DAY) {
    const days = Math.floor((seconds * SECOND) / DAY);
    return new Intl.NumberFormat(locale, { style: 'unit', unit: 'day', unitDisplay: 'long' }).format(days);
  }
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = clock[0] === 0 ? clock.slice(1) : clock;
  return shown.map((part, place) => (place === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

/**
 * The server's time, from what the server said and how long ago that was: a wrong clock of the reader does not matter.
 * `elapsed` gives milliseconds of a clock that only runs forward.
 */
export class ServerClock {
  private readonly elapsed: () => number;
  private offset: number;

  constructor(elapsed: () => number, now: number) {
    this.elapsed = elapsed;
    this.offset = now - elapsed();
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.elapsed() + this.offset;
  }

  /** Takes the server's time from what it said just now, in milliseconds since 1970. */
  set(now: number): void {
    this.offset = now - this.elapsed();
  }

  /** The server cannot have written something before its time: `at` is a lower bound. */
  atLeast(at: string): void {
    const written = Date.parse(at);
    if (written > this.now()) {
      this.set(written);
    }
  }
}
