// Where a form shows what is wrong, and takes the user.
import { html, nothing, type TemplateResult } from 'lit';
import type { Desk } from '../desk.ts';
import { problemView } from '../elements/problem_view.ts';
import { Problem, type FieldError } from '../problem.ts';
import { text } from '../texts/index.ts';

// The fields of a form by the API's names.
const AT_FIELDS =
  /^(?:lines(?:\.\d+(?:\.(?:sku|name|quantity|unit_price|kind|max_quantity))?)?|note|email|locale|pay_by|late_money|metadata|reference|buyer_id|seller_id|currency|(?:shipping|billing)_address\.\w+)$/u;

/** What the API says against fields. */
export const errorsOf = (problem: unknown): readonly FieldError[] => (problem instanceof Problem ? problem.errors : []);

/** Whether each fault is shown at its field, so that a list of them would say it twice. */
const isShownAtFields = (problem: unknown): boolean => errorsOf(problem).every(({ field }) => AT_FIELDS.test(field));

/** Focus the first field that is marked as wrong, in whatever is folded, else what says so. */
export function focusFault(form: HTMLElement): void {
  const field = form.querySelector<HTMLElement>('[aria-invalid="true"]');
  const place = field ?? form.querySelector<HTMLElement>('.field-error, .problem');
  place?.closest('details')?.setAttribute('open', '');
  if (place !== field) {
    place?.setAttribute('tabindex', '-1');
  }
  place?.focus();
}

/** What stands against sending a form, and whether it may have been done; nothing where nothing does. */
export function refusalView(problem: unknown, desk: Desk): TemplateResult | typeof nothing {
  const unknown = problem instanceof Problem && problem.outcomeUnknown;
  return problem
    ? html`${problemView(problem, { signIn: desk.signIn }, !isShownAtFields(problem))} ${unknown ? html`<p>${text('outcome_unknown')}</p>` : nothing}`
    : nothing;
}
