// Repeats a request as docs/http-api.md says: "Repeating a request".
import { Problem } from './problem.ts';

const WAITS = [1, 2, 4];
// A person waits in front of the page; a longer wait is theirs to decide.
const LONGEST_WAIT = 5;

/**
 * The result of `send`, which is called again after a problem that leaves the outcome open, at most three times.
 * Every request of the desk may be repeated: it has an Idempotency-Key, an If-Match, or has no further effect.
 */
export async function repeating<T>(send: () => Promise<T>, wait: (seconds: number) => Promise<void>): Promise<T> {
  for (const pause of WAITS) {
    try {
      return await send();
    } catch (problem) {
      const seconds = waitAfter(problem, pause);
      if (seconds === null) {
        throw problem;
      }
      await wait(seconds);
    }
  }
  return send();
}

function waitAfter(problem: unknown, pause: number): number | null {
  if (!(problem instanceof Problem) || !problem.outcomeUnknown) {
    return null;
  }
  const seconds = problem.retryAfter ?? pause;
  return seconds <= LONGEST_WAIT ? seconds : null;
}
