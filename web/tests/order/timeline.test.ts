import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastSeq, timeline, withNewer } from '../../src/order/timeline.ts';
import { event } from './sample_orders.ts';

test('the events of an attempt stand together, the newest group and the newest event first', () => {
  const events = [
    event(1, 'OrderCreated'),
    event(2, 'OrderLocked', { attempt_id: 'one' }),
    event(3, 'OrderUnlocked', { attempt_id: 'one' }),
    event(4, 'OrderEdited'),
    event(5, 'OrderLocked', { attempt_id: 'two' }),
    event(6, 'LinkExpired', { attempt_id: 'one' }),
  ];
  assert.deepEqual(timeline(events).map(({ attemptId, events: own }) => [attemptId, own.map(({ seq }) => seq)]), [
    ['one', [6, 3, 2]],
    ['two', [5]],
    [null, [4]],
    [null, [1]],
  ]);
});

test('an event that comes twice is shown once', () => {
  const known = [event(1, 'OrderCreated'), event(2, 'OrderEdited')];
  const all = withNewer(known, [event(2, 'OrderEdited'), event(3, 'OrderEdited')]);
  assert.equal(lastSeq(all), 3);
  assert.deepEqual(timeline([...all, event(3, 'OrderEdited')])[0]?.events.map(({ seq }) => seq), [3, 2, 1]);
});

test('an order without events has no groups', () => {
  assert.deepEqual(timeline([]), []);
  assert.equal(lastSeq([]), 0);
});
