// Form controls, each tied to its label, hint and error. Names are those of the API's fields, so that it finds them.
import { html, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { field, type Described } from '../elements/field.ts';
import type { FieldError } from '../problem.ts';

type Typed = (event: Event) => void;

export const valueOf = (event: Event): string => (event.target as HTMLInputElement).value;
export const isChecked = (event: Event): boolean => (event.target as HTMLInputElement).checked;

/** The fault at that field; null where there is none. */
export function errorOf(errors: readonly FieldError[], name: string): string | null {
  return errors.find((error) => error.field === name)?.problem ?? null;
}

interface InputWords {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly type?: string;
  readonly mode?: 'text' | 'numeric' | 'decimal' | 'email';
}

/** A text field; `name` is the API's name of the field. */
export function input(words: InputWords, value: string, errors: readonly FieldError[], typed: Typed, readonly = false): TemplateResult {
  const { name, label, type = 'text', mode = 'text', ...rest } = words;
  const control = ({ id, by, invalid }: Described): TemplateResult =>
    html`<input id=${id} name=${name} type=${type} inputmode=${mode} autocomplete="off" .value=${value} ?readonly=${readonly}
      aria-describedby=${by} aria-invalid=${invalid} @input=${typed}>`;
  return field({ id: idOf(name), label, error: errorOf(errors, name), ...rest }, control);
}

/** A text field of several lines. */
export function area(name: string, label: string, rows: number, value: string, errors: readonly FieldError[], typed: Typed): TemplateResult {
  const control = ({ id, by, invalid }: Described): TemplateResult => html`<textarea id=${id} name=${name} rows=${rows}
    aria-describedby=${by} aria-invalid=${invalid} .value=${value} @input=${typed}></textarea>`;
  return field({ id: idOf(name), label, error: errorOf(errors, name) }, control);
}

export const idOf = (name: string): string => `f-${name.replaceAll('.', '-')}`;

/** A choice of one of several words. */
export function choice(
  name: string, label: string, options: readonly (readonly [string, string])[], value: string, errors: readonly FieldError[], chosen: Typed,
): TemplateResult {
  return field({ id: idOf(name), label, error: errorOf(errors, name) }, ({ id, by, invalid }) => html`<select id=${id} name=${name}
      aria-describedby=${by} aria-invalid=${invalid} .value=${value} @change=${chosen}>
      ${options.map(([word, shown]) => html`<option value=${word} ?selected=${word === value}>${shown}</option>`)}
    </select>`);
}

/** A field that is on or off. */
export function check(name: string, label: string, checked: boolean, changed: Typed): TemplateResult {
  return html`<label class="check"><input type="checkbox" id=${idOf(name)} name=${name} .checked=${checked} @change=${changed}> ${label}</label>`;
}

/** Fields behind a heading, shown at first where `open`; from then on as the user has it, whatever they type. */
export function folded(title: string, open: boolean, content: TemplateResult): TemplateResult {
  return html`<details class="folded" ?open=${guard([], () => open)}><summary>${title}</summary>${content}</details>`;
}
