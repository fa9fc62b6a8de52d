// A problem in the API's own text, and a way on.
import { html, nothing, type TemplateResult } from 'lit';
import type { Desk } from '../desk.ts';
import { Problem } from '../problem.ts';
import { deskPath } from '../router.ts';
import { SignInRefused } from '../session.ts';
import { text, type TextKey } from '../texts/index.ts';

/** What the user can do about a problem; what is missing is not offered. */
export interface WaysOn {
  readonly retry?: () => void;
  readonly signIn?: () => void;
}

/** The ways on in a view: `retry` does again what failed. */
export const waysOn = (desk: Desk, retry: () => void): WaysOn => ({ retry, signIn: desk.signIn });

/** The problem, announced to screen readers at once. Field errors are listed where `listErrors` is true. */
export function problemView(error: unknown, ways: WaysOn = {}, listErrors = true): TemplateResult {
  const problem = asProblem(error);
  const [title, lead] = wordsOf(problem);
  return html`<div class="problem" role="alert">
    <p class="problem-title">${problem.title || title}</p>
    <p>${problem.detail || lead}</p>
    ${listErrors && problem.errors.length > 0 ? errorList(problem) : nothing}
    ${problem.retryAfter !== null && problem.passes ? html`<p>${text('problem_retry_after', { seconds: problem.retryAfter })}</p>` : nothing}
    <p class="problem-code">${text('problem_code', { code: problem.code })}</p>
    ${wayOn(problem, ways)}
  </div>`;
}

/** The problem in one line. */
export function problemLine(error: unknown): string {
  const problem = asProblem(error);
  return problem.title || wordsOf(problem)[0];
}

/** Nobody is signed in any more, or the desk itself is at fault. */
function asProblem(error: unknown): Problem {
  if (error instanceof Problem) {
    return error;
  }
  return new Problem(error instanceof SignInRefused ? 401 : 500, {});
}

function errorList(problem: Problem): TemplateResult {
  return html`<ul>
    ${problem.errors.map((error) => html`<li><code>${error.field}</code> ${error.problem}</li>`)}
  </ul>`;
}

function wayOn(problem: Problem, ways: WaysOn): TemplateResult | typeof nothing {
  if (problem.status === 401) {
    return ways.signIn ? html`<button type="button" class="primary" @click=${ways.signIn}>${text('sign_in_again')}</button>` : nothing;
  }
  if (problem.status === 403 || problem.status === 404) {
    return html`<a class="button" href=${deskPath()}>${text('to_orders')}</a>`;
  }
  return ways.retry ? html`<button type="button" @click=${ways.retry}>${text('try_again')}</button>` : nothing;
}

function wordsOf(problem: Problem): readonly [string, string] {
  const stem = STEMS[problem.status] ?? 'problem_other';
  return [text(stem), text(`${stem}_lead` as TextKey)];
}

const STEMS: Readonly<Record<number, 'problem_no_answer' | 'problem_unauthorized' | 'problem_not_allowed' | 'problem_not_found' | 'problem_throttled'>> = {
  0: 'problem_no_answer',
  401: 'problem_unauthorized',
  403: 'problem_not_allowed',
  404: 'problem_not_found',
  429: 'problem_throttled',
};
