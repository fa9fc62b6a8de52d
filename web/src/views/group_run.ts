// Goes through a group of orders that need a person, call by call, as docs/operations.md says: "Work through an outage".
import type { GroupProgress } from '../api.ts';

/** What the calls did so far. `pause` is how many seconds the gateway's rate leaves no call; 0 while it does. */
export interface GroupRun {
  readonly done: number;
  readonly waiting: number;
  readonly refused: GroupProgress['refused'];
  readonly unread: readonly string[];
  readonly pause: number;
  readonly ended: boolean;
}

export const begun: GroupRun = { done: 0, waiting: 0, refused: [], unread: [], pause: 0, ended: false };

/**
 * Call until the group has no more orders, or `signal` ends it; `show` is given each state. A call that is made again does
 * no harm. Raises the problem of a call that fails.
 */
export async function runGroup(
  call: (cursor: string | null) => Promise<GroupProgress>,
  show: (run: GroupRun) => void,
  wait: (seconds: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let run = begun;
  let cursor: string | null = null;
  do {
    const progress: GroupProgress = await call(cursor);
    cursor = progress.next_cursor;
    run = after(run, progress);
    show(run);
    if (run.pause > 0 && !signal.aborted) {
      await wait(run.pause);
    }
  } while (cursor !== null && !signal.aborted);
}

function after(run: GroupRun, progress: GroupProgress): GroupRun {
  const ended = progress.next_cursor === null;
  return {
    done: run.done + progress.done.length,
    waiting: run.waiting + progress.waiting.length,
    refused: [...run.refused, ...progress.refused],
    unread: [...new Set([...run.unread, ...progress.unread])],
    pause: ended ? 0 : (progress.retry_after ?? 0),
    ended,
  };
}
