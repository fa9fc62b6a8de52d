// A dialog that asks once before something is done, says what it will do, and shows what stands against it.
import { html, nothing, type TemplateResult } from 'lit';
import type { Problem } from '../problem.ts';
import { Problem as ProblemError } from '../problem.ts';
import { text } from '../texts/index.ts';
import { PageElement } from './page_element.ts';
import { problemView, type WaysOn } from './problem_view.ts';

/** The texts of a dialog's fields by name. */
export type TypedFields = Readonly<Record<string, string>>;

/**
 * `<ask-once heading confirm .lead .fields .act>`, opened by `open()`. `act` gets the form's data; while it works, the
 * dialog takes no second click. It closes and sends `done` where `act` succeeds, and shows the problem where it raises one.
 */
export class AskOnce extends PageElement {
  static override properties = {
    heading: {},
    confirm: {},
    danger: { type: Boolean },
    lead: { attribute: false },
    fields: { attribute: false },
    act: { attribute: false },
    ways: { attribute: false },
    busy: { state: true },
    problem: { state: true },
  };

  declare heading: string;
  declare confirm: string;
  declare danger: boolean;
  declare lead: string | TemplateResult;
  /** The form's controls; it is given the problem, to show field errors at their fields. */
  declare fields: ((problem: Problem | null) => TemplateResult) | undefined;
  declare act: (form: FormData) => Promise<void>;
  declare ways: WaysOn | undefined;
  declare busy: boolean;
  declare problem: unknown;

  constructor() {
    super();
    this.heading = '';
    this.confirm = '';
    this.danger = false;
    this.lead = '';
    this.busy = false;
    this.problem = null;
  }

  /** Show the dialog, with an empty form or with what was typed in it before. Resolves when it is shown. */
  async open(typed: TypedFields = {}): Promise<void> {
    this.problem = null;
    await this.updateComplete;
    this.form?.reset();
    for (const [name, value] of Object.entries(typed)) {
      const control = this.form?.elements.namedItem(name);
      if (control) {
        (control as RadioNodeList | HTMLInputElement).value = value;
      }
    }
    this.dialog?.showModal();
  }

  /** What the user has typed, by field, while the dialog is open; null where that is nothing. */
  get typed(): TypedFields | null {
    const { form } = this;
    const isTyped = (one: Element): boolean =>
      one instanceof HTMLInputElement && (one.value !== one.defaultValue || one.checked !== one.defaultChecked);
    return form && this.dialog?.open && [...form.elements].some(isTyped)
      ? (Object.fromEntries(new FormData(form)) as Record<string, string>)
      : null;
  }

  /** Have this done once, when the dialog is closed. */
  onceClosed(act: () => void): void {
    this.dialog?.addEventListener('close', act, { once: true });
  }

  close(): void {
    this.dialog?.close();
  }

  protected override render(): TemplateResult {
    const problem = this.problem instanceof ProblemError ? this.problem : null;
    return html`<dialog class="ask" aria-labelledby=${this.headingId} @cancel=${this.holdWhileBusy}>
      <form method="dialog" @submit=${this.submit}>
        <h2 id=${this.headingId}>${this.heading}</h2>
        <div class="lead">${this.lead}</div>
        ${this.fields?.(problem) ?? nothing}
        ${this.problem ? problemView(this.problem, this.ways, this.fields === undefined) : nothing}
        ${problem?.outcomeUnknown ? html`<p>${text('outcome_unknown')}</p>` : nothing}
        <div class="actions">
          <button class=${this.danger ? 'danger' : 'primary'} aria-disabled=${this.busy ? 'true' : nothing}>
            ${this.busy ? text('working') : this.confirm}
          </button>
          <button type="button" aria-disabled=${this.busy ? 'true' : nothing} @click=${this.leave}>${text('cancel')}</button>
        </div>
      </form>
    </dialog>`;
  }

  private get dialog(): HTMLDialogElement | null {
    return this.querySelector('dialog');
  }

  private get form(): HTMLFormElement | null {
    return this.querySelector('form');
  }

  private get headingId(): string {
    return `${this.id || 'ask'}-heading`;
  }

  private leave(): void {
    if (!this.busy) {
      this.close();
    }
  }

  private holdWhileBusy(event: Event): void {
    if (this.busy) {
      event.preventDefault();
    }
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.busy || !this.form) {
      return;
    }
    this.busy = true;
    this.problem = null;
    try {
      await this.act(new FormData(this.form));
      this.close();
      this.dispatchEvent(new Event('done', { bubbles: true }));
    } catch (error) {
      this.problem = error;
    } finally {
      this.busy = false;
    }
  }
}

customElements.define('ask-once', AskOnce);
