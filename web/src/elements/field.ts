// A form control with its label, hint and error, tied to it for screen readers.
import { html, nothing, type TemplateResult } from 'lit';
import type { Problem } from '../problem.ts';

export interface FieldWords {
  /** Unique in the page; the control has it as its id. */
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | null;
}

/** What the control must have: `aria-describedby` and `aria-invalid`. */
export interface Described {
  readonly id: string;
  readonly by: string | typeof nothing;
  readonly invalid: 'true' | typeof nothing;
}

/** The control with what belongs to it. `control` puts `id`, `aria-describedby` and `aria-invalid` on its element. */
export function field(words: FieldWords, control: (described: Described) => TemplateResult): TemplateResult {
  const { id, label, hint, error } = words;
  const ids = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter((part) => part !== '');
  const described: Described = { id, by: ids.length > 0 ? ids.join(' ') : nothing, invalid: error ? 'true' : nothing };
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${hint ? html`<p class="hint" id="${id}-hint">${hint}</p>` : nothing} ${control(described)}
    ${error ? html`<p class="field-error" id="${id}-error">${error}</p>` : nothing}
  </div>`;
}

/** What the API says against the field of this name, as in `lines.0.quantity`; null where nothing. */
export function errorAt(problem: Problem | null, name: string): string | null {
  return problem?.errors.find((error) => error.field === name)?.problem ?? null;
}
