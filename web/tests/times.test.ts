import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agoText, dayText, instantText, leftText, ServerClock } from '../src/times.ts';

const NOW = Date.parse('2026-11-26T12:00:00.000Z');
const at = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1000).toISOString();

test('a time is shown in the reader\'s zone', () => {
  assert.match(instantText('2026-11-26T23:30:00.000Z', 'en', 'Asia/Tokyo'), /Nov 27, 2026.*8:30/u);
  assert.match(instantText('2026-11-26T23:30:00.000Z', 'de', 'Europe/Berlin'), /27\.11\.2026.*00:30/u);
});

test('a day of UTC is the same day for every reader', () => {
  assert.equal(dayText('2026-11-26', 'en'), 'Nov 26, 2026');
});

test('how long ago is one unit, and never in the future', () => {
  assert.equal(agoText(at(5), NOW, 'en'), 'now');
  assert.equal(agoText(at(-30), NOW, 'en'), 'now');
  assert.equal(agoText(at(119), NOW, 'en'), '1 minute ago');
  assert.equal(agoText(at(3 * 3600), NOW, 'en'), '3 hours ago');
  assert.equal(agoText(at(86400), NOW, 'en'), 'yesterday');
});

test('what is left counts down to the second', () => {
  assert.equal(leftText(725_000, 'en'), '12:05');
  assert.equal(leftText(724_001, 'en'), '12:05');
  assert.equal(leftText(3_725_000, 'en'), '1:02:05');
  assert.equal(leftText(1, 'en'), '0:01');
  assert.equal(leftText(-1, 'en'), '0:00');
  assert.equal(leftText(3 * 86_400_000, 'de'), '3 Tage');
});

test('the server\'s time goes on whatever the reader\'s clock says', () => {
  let elapsed = 1000;
  const clock = new ServerClock(() => elapsed, 0);
  clock.set(NOW);
  elapsed += 2500;
  assert.equal(clock.now(), NOW + 2500);
});

test('what the server wrote is not in its future', () => {
  const clock = new ServerClock(() => 0, NOW);
  clock.atLeast(at(-10));
  assert.equal(clock.now(), NOW + 10_000);
  clock.atLeast(at(60));
  assert.equal(clock.now(), NOW + 10_000);
});
