import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Live } from '../src/live.ts';

const settled = (): Promise<void> => new Promise((done) => setImmediate(done));

/** A page whose time is moved by hand. */
function page() {
  const pauses: number[] = [];
  const waiting = new Set<() => void>();
  const returns = new Set<() => void>();
  const state = { visible: true };
  const time = {
    visible: () => state.visible,
    after: (seconds: number, act: () => void) => {
      pauses.push(seconds);
      waiting.add(act);
      return () => void waiting.delete(act);
    },
    onReturn: (act: () => void) => {
      returns.add(act);
      return () => void returns.delete(act);
    },
  };
  const pass = async (): Promise<void> => {
    const due = [...waiting];
    waiting.clear();
    due.forEach((act) => act());
    await settled();
  };
  return { time, pauses, pass, state, waiting, returns };
}

const PACE = () => ({ every: 5, most: 60 });

test('it reads at once, then every few seconds', async () => {
  const around = page();
  let reads = 0;
  new Live(async () => void (reads += 1), PACE, around.time).start();
  await settled();
  await around.pass();
  assert.equal(reads, 2);
  assert.deepEqual(around.pauses, [5, 5]);
});

test('failures make it read less often, a success as often as before', async () => {
  const around = page();
  let fails = true;
  new Live(async () => (fails ? Promise.reject(new Error('down')) : undefined), PACE, around.time).start();
  for (let read = 0; read < 5; read += 1) {
    await settled();
    await around.pass();
  }
  fails = false;
  await around.pass();
  assert.deepEqual(around.pauses.slice(0, 5), [10, 20, 40, 60, 60]);
  assert.equal(around.pauses.at(-1), 5);
});

test('a page that nobody sees does not read until it is looked at', async () => {
  const around = page();
  let reads = 0;
  new Live(async () => void (reads += 1), PACE, around.time).start();
  await settled();
  around.state.visible = false;
  await around.pass();
  assert.equal(reads, 1);
  around.state.visible = true;
  around.returns.forEach((act) => act());
  await settled();
  assert.equal(reads, 2);
});

test('what is stopped reads no more and waits for nothing', async () => {
  const around = page();
  const signals: AbortSignal[] = [];
  const live = new Live(async (signal) => void signals.push(signal), PACE, around.time);
  live.start();
  live.stop();
  live.now();
  await settled();
  assert.equal(signals.length, 1);
  assert.ok(signals[0]?.aborted);
  assert.equal(around.waiting.size + around.returns.size, 0);
});

test('two reads never overlap: a new one ends the one before, whose result plans nothing', async () => {
  const around = page();
  const signals: AbortSignal[] = [];
  const live = new Live(async (signal) => void signals.push(signal), PACE, around.time);
  live.start();
  live.now();
  await settled();
  assert.deepEqual(signals.map((signal) => signal.aborted), [true, false]);
  assert.equal(around.waiting.size, 1);
});
