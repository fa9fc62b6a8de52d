// A group of orders that need a person because of one gateway, for one cause, and what can be done for all of them.
import { html, nothing, type TemplateResult } from 'lit';
import type { AttentionGroup, GroupProgress } from '../api.ts';
import type { Desk } from '../desk.ts';
import type { AskOnce } from '../elements/ask_once.ts';
import { field, errorAt } from '../elements/field.ts';
import { PageElement } from '../elements/page_element.ts';
import { problemView, waysOn } from '../elements/problem_view.ts';
import { sum } from '../elements/shown.ts';
import { orderPath } from '../router.ts';
import { countText, text, wordText } from '../texts/index.ts';
import { instantText } from '../times.ts';
import { whyText } from './attention_entry.ts';
import { begun, runGroup, type GroupRun } from './group_run.ts';

const RELEASABLE = new Set<string>(['release_unconfirmed', 'processing_too_long']);
type GroupAction = 'recheck' | 'release';

/** What was confirmed. */
interface Confirmed {
  readonly action: GroupAction;
  readonly reason: string;
}

/** Sends `begun` before a run, and `done` after it, so that the lists are read again. */
export class AttentionGroupView extends PageElement {
  static override properties = {
    desk: { attribute: false },
    group: { attribute: false },
    action: { state: true },
    run: { state: true },
    running: { state: true },
    problem: { state: true },
  };

  declare desk: Desk;
  declare group: AttentionGroup;
  /** What the dialog asks about, or asked about last. */
  declare action: GroupAction;
  declare run: GroupRun | null;
  declare running: boolean;
  declare problem: unknown;
  private confirmed: Confirmed = { action: 'recheck', reason: '' };
  private ending = new AbortController();

  constructor() {
    super();
    this.action = 'recheck';
    this.run = null;
    this.running = false;
    this.problem = null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.ending.abort();
  }

  protected override render(): TemplateResult {
    const { gateway, cause, count, oldest, sums } = this.group;
    return html`<div class="card group">
      <div class="entry-head">
        <h3>${wordText('cause_', cause)}</h3>
        <strong class="count">${countText('attention_order_count', count)}</strong>
      </div>
      <p>${whyText(cause, gateway)}</p>
      <p class="soft">
        ${gateway} · ${sums.map((money) => html`${sum(money.amount, money.currency)} · `)}${text('attention_oldest', { time: instantText(oldest) })}
      </p>
      <div class="actions">
        <button type="button" @click=${() => this.ask('recheck')}>${text('group_recheck')}</button>
        ${RELEASABLE.has(cause) ? html`<button type="button" @click=${() => this.ask('release')}>${text('group_release')}</button>` : nothing}
      </div>
      <div role="status">${this.run ? this.progress(this.run) : nothing}</div>
      ${this.problem ? problemView(this.problem, waysOn(this.desk, () => this.start())) : nothing} ${this.dialog()}
    </div>`;
  }

  private progress(run: GroupRun): TemplateResult {
    const { done, waiting, refused, pause } = run;
    const next = this.running ? text(pause > 0 ? 'group_pauses' : 'group_goes_on', { seconds: pause }) : run.ended ? text('group_done') : '';
    return html`<p>${text('group_progress', { done, waiting, refused: refused.length })} ${next}</p>
      ${refused.length > 0 ? html`<ul>${refused.map((one) => html`<li><a href=${orderPath(one.order_id)}>${one.order_id}</a> <code>${one.code}</code></li>`)}</ul>` : nothing}
      ${run.unread.length > 0 ? html`<p>${text('attention_unread', { names: run.unread.join(', ') })}</p>` : nothing}
      ${this.running ? html`<button type="button" @click=${() => this.ending.abort()}>${text('group_stop')}</button>` : nothing}`;
  }

  private dialog(): TemplateResult {
    const { gateway, cause, count } = this.group;
    const releases = this.action === 'release';
    const heading = text(releases ? 'group_release_title' : 'group_recheck_title', { gateway, count: countText('attention_order_count', count) });
    const id = `reason-${gateway}-${cause}`;
    return html`<ask-once
      id="ask-${gateway}-${cause}"
      .heading=${heading}
      .confirm=${text('group_begin')}
      .danger=${releases}
      .lead=${text(releases ? 'group_release_lead' : 'group_recheck_lead')}
      .fields=${releases
        ? (problem: Parameters<typeof errorAt>[0]) =>
            field({ id, label: text('group_reason'), hint: text('group_reason_hint'), error: errorAt(problem, 'reason') }, ({ by, invalid }) =>
              html`<textarea id=${id} name="reason" required maxlength="500" rows="3" aria-describedby=${by} aria-invalid=${invalid}></textarea>`)
        : undefined}
      .act=${async (form: FormData) => this.begin(form)}
    ></ask-once>`;
  }

  private ask(action: GroupAction): void {
    if (!this.running) {
      this.action = action;
      void this.updateComplete.then(() => this.querySelector<AskOnce>('ask-once')?.open());
    }
  }

  private begin(form: FormData): void {
    // A dialog that is cancelled afterwards changes nothing about what is tried again.
    this.confirmed = { action: this.action, reason: String(form.get('reason') ?? '').trim() };
    // The dialog closes; the run is shown in the group.
    this.start();
  }

  private start(): void {
    this.ending = new AbortController();
    this.run = begun;
    this.running = true;
    this.problem = null;
    this.dispatchEvent(new Event('begun', { bubbles: true }));
    void this.goThrough(this.ending.signal);
  }

  private async goThrough(signal: AbortSignal): Promise<void> {
    const wait = (seconds: number): Promise<void> => new Promise((done) => {
      const timer = setTimeout(done, seconds * 1000);
      signal.addEventListener('abort', () => (clearTimeout(timer), done()), { once: true });
    });
    try {
      await runGroup((cursor) => this.call(cursor), (run) => (this.run = run), wait, signal);
    } catch (problem) {
      this.problem = problem;
    }
    this.running = false;
    const { done, waiting, refused } = this.run ?? begun;
    // A group that has no more orders is not shown any more.
    this.desk.announce(text('group_progress', { done, waiting, refused: refused.length }));
    this.dispatchEvent(new Event('done', { bubbles: true }));
  }

  private async call(cursor: string | null): Promise<GroupProgress> {
    const { gateway, cause } = this.group;
    const { action, reason } = this.confirmed;
    const on = cursor === null ? {} : { cursor };
    const path = { gateway, cause };
    const answer = action === 'release'
      ? await this.desk.api.post('/operations/attention/groups/{gateway}/{cause}/release', { path, body: { reason, ...on } })
      : await this.desk.api.post('/operations/attention/groups/{gateway}/{cause}/recheck', { path, body: on });
    return answer.data;
  }
}

customElements.define('attention-group', AttentionGroupView);
