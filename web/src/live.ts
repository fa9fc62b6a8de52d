// Keeps what is shown up to date: reads again while the page is visible, and less often while reads fail.

export interface Pace {
  /** Seconds between a read and the next one. */
  readonly every: number;
  /** The longest pause after failures, in seconds. */
  readonly most: number;
}

/** The page's visibility and time, as `live` needs them. */
export interface PageTime {
  readonly visible: () => boolean;
  readonly after: (seconds: number, act: () => void) => () => void;
  /** Calls `act` whenever the page becomes visible or gets a connection again; returns how to stop that. */
  readonly onReturn: (act: () => void) => () => void;
}

export const SECONDS = { every: 5, most: 60 } as const satisfies Pace;

/** Reads at once when it starts, then at its pace. `read` shows its own result and problem; it rejects on a problem. */
export class Live {
  private readonly read: (signal: AbortSignal) => Promise<void>;
  private readonly pace: () => Pace;
  private readonly page: PageTime;
  private stops: (() => void)[] = [];
  private call: AbortController | null = null;
  private failures = 0;

  constructor(read: (signal: AbortSignal) => Promise<void>, pace: () => Pace = () => SECONDS, page: PageTime = pageTime) {
    this.read = read;
    this.pace = pace;
    this.page = page;
  }

  start(): void {
    this.stop();
    this.stops = [() => {}, this.page.onReturn(() => this.now())];
    this.now();
  }

  stop(): void {
    this.stops.forEach((stop) => stop());
    this.stops = [];
    this.call?.abort();
    this.call = null;
  }

  /** Read now, in place of a read that is under way. */
  now(): void {
    if (this.stops.length === 0) {
      return;
    }
    this.stops[0]?.();
    this.call?.abort();
    const call = new AbortController();
    this.call = call;
    void this.readOnce(call);
  }

  private async readOnce(call: AbortController): Promise<void> {
    const failed = await this.read(call.signal).then(() => false, () => true);
    if (call.signal.aborted) {
      return;
    }
    this.failures = failed ? this.failures + 1 : 0;
    const { every, most } = this.pace();
    const pause = Math.min(most, every * 2 ** this.failures);
    // A page that nobody sees reads again when it is looked at.
    this.stops[0] = this.page.after(pause, () => this.page.visible() && this.now());
  }
}

const pageTime: PageTime = {
  visible: () => document.visibilityState === 'visible',
  after: (seconds, act) => {
    const timer = setTimeout(act, seconds * 1000);
    return () => clearTimeout(timer);
  },
  onReturn: (act) => {
    const seen = (): void => void (document.visibilityState === 'visible' && act());
    document.addEventListener('visibilitychange', seen);
    addEventListener('online', act);
    return () => {
      document.removeEventListener('visibilitychange', seen);
      removeEventListener('online', act);
    };
  },
};
