import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemLine } from '../src/elements/problem_view.ts';
import { noAnswer, Problem } from '../src/problem.ts';
import { SignInRefused } from '../src/session.ts';

test('a problem is named in the API\'s own words, or ours where it gave none', () => {
  assert.equal(problemLine(new Problem(409, { code: 'order-locked', title: 'The order is locked' })), 'The order is locked');
  assert.equal(problemLine(noAnswer()), 'No answer');
  assert.equal(problemLine(new Problem(502, {})), 'The server could not do this');
});

test('a session that has ended is named as that', () => {
  assert.equal(problemLine(new SignInRefused('invalid_grant')), 'You are not signed in any more');
});
