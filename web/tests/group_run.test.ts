import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GroupProgress } from '../src/api.ts';
import { runGroup, type GroupRun } from '../src/views/group_run.ts';

const progress = (given: Partial<GroupProgress>): GroupProgress =>
  ({ done: [], waiting: [], refused: [], unread: [], next_cursor: null, retry_after: null, ...given });

/** A run whose calls are answered in turn, and whose waits pass at once. */
async function running(answers: (GroupProgress | Error)[], ending = new AbortController(), onWait = (): void => {}) {
  const cursors: (string | null)[] = [];
  const shown: GroupRun[] = [];
  const waits: number[] = [];
  const call = async (cursor: string | null): Promise<GroupProgress> => {
    cursors.push(cursor);
    const answer = answers.shift() ?? new Error('no more answers');
    if (answer instanceof Error) {
      throw answer;
    }
    return answer;
  };
  const wait = async (seconds: number): Promise<void> => (waits.push(seconds), onWait());
  const error = await runGroup(call, (run) => shown.push(run), wait, ending.signal).then(() => null, (caught: Error) => caught.message);
  return { cursors, shown, waits, error };
}

test('it goes on with each cursor until there is none, and adds up', async () => {
  const run = await running([
    progress({ done: ['A', 'B'], next_cursor: 'c1' }),
    progress({ waiting: ['C'], refused: [{ order_id: 'D', code: 'payment-completed' }] }),
  ]);
  assert.deepEqual(run.cursors, [null, 'c1']);
  const last = run.shown.at(-1);
  assert.deepEqual([last?.done, last?.waiting, last?.refused.length, last?.ended], [2, 1, 1, true]);
});

test('it pauses where the gateway\'s rate is used up, and not at the end', async () => {
  const run = await running([progress({ next_cursor: 'c1', retry_after: 7 }), progress({ retry_after: 9 })]);
  assert.deepEqual(run.waits, [7]);
  assert.deepEqual(run.shown.map((one) => one.pause), [7, 0]);
});

test('a stop ends it before the next call', async () => {
  const ending = new AbortController();
  const run = await running([progress({ next_cursor: 'c1', retry_after: 7 })], ending, () => ending.abort());
  assert.deepEqual(run.cursors, [null]);
  assert.equal(run.shown.at(-1)?.ended, false);
});

test('a problem ends it, and what was done stays shown', async () => {
  const run = await running([progress({ done: ['A'], next_cursor: 'c1' }), new Error('down')]);
  assert.equal(run.error, 'down');
  assert.equal(run.shown.at(-1)?.done, 1);
});
