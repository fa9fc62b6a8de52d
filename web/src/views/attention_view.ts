// What needs a person: groups by gateway and cause, orders, and differences to statements.
import './attention_group.ts';
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Attention, AttentionGroup, AttentionGroups, Finding, OrderHead } from '../api.ts';
import type { Desk } from '../desk.ts';
import type { AskOnce } from '../elements/ask_once.ts';
import { PageElement } from '../elements/page_element.ts';
import { problemLine, problemView, waysOn } from '../elements/problem_view.ts';
import { emptyState } from '../elements/shown.ts';
import { Live } from '../live.ts';
import { deskPath } from '../router.ts';
import { text } from '../texts/index.ts';
import { entryView, findingView } from './attention_entry.ts';
import { concernsOf, waitsSince, type Concern } from './concerns.ts';
import { groupName, shownGroups } from './shown_groups.ts';

// The lists change slowly, and reading all of them costs more than reading an order.
const PACE = { every: 10, most: 120 };

interface Listed {
  readonly attention: Attention;
  readonly groups: AttentionGroups;
}

interface Entry {
  readonly order: OrderHead;
  readonly concerns: readonly Concern[];
}

export class AttentionView extends PageElement {
  static override properties = {
    desk: { attribute: false },
    listed: { state: true },
    problem: { state: true },
    finding: { state: true },
  };

  declare desk: Desk;
  declare listed: Listed | null;
  declare problem: unknown;
  declare finding: Finding | null;
  /** The names of the groups that are gone through now. */
  private readonly running = new Set<string>();
  private readonly live = new Live((signal) => this.read(signal), () => PACE);

  constructor() {
    super();
    this.listed = null;
    this.problem = null;
    this.finding = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.isOperator) {
      this.live.start();
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.live.stop();
  }

  protected override render(): TemplateResult {
    return html`<div class="title-row">
        <h1 tabindex="-1">${text('attention_title')}</h1>
        ${this.listed && this.problem ? html`<p class="stale" role="status">${text('list_stale', { problem: problemLine(this.problem) })}</p>` : nothing}
      </div>
      ${this.isOperator ? this.content() : this.forOperators()}`;
  }

  private get isOperator(): boolean {
    return this.desk.session.caller.roles.has('operator');
  }

  private forOperators(): TemplateResult {
    const way = html`<a class="button" href=${deskPath()}>${text('to_orders')}</a>`;
    return emptyState(text('attention_only_operators'), text('attention_only_operators_lead'), way);
  }

  private content(): TemplateResult {
    if (this.listed === null) {
      return this.problem
        ? problemView(this.problem, waysOn(this.desk, () => this.live.now()))
        : html`<p class="loading" aria-busy="true">${text('loading')}</p>`;
    }
    const { attention, groups } = this.listed;
    const nothingListed = attention.orders.length + attention.findings.length + groups.groups.length === 0;
    return html`${this.unread(this.listed)}
      ${nothingListed ? emptyState(text('attention_empty'), text('attention_empty_lead')) : html`<p class="lead">${text('attention_lead')}</p>`}
      ${this.groups(groups, attention.orders.length)} ${this.entries(attention.orders)} ${this.findings(attention.findings)} ${this.dialog()}`;
  }

  private unread({ attention, groups }: Listed): TemplateResult | typeof nothing {
    const names = [...attention.unread.orders, ...attention.unread.sources, ...groups.unread.sources];
    return names.length === 0
      ? nothing
      : html`<p class="notice">${text('attention_unread', { names: [...new Set(names)].join(', ') })}</p>`;
  }

  private groups({ groups: all, complete }: AttentionGroups, listed: number): TemplateResult | typeof nothing {
    const groups = shownGroups(all, listed, this.running);
    if (groups.length === 0) {
      return nothing;
    }
    return html`<section aria-labelledby="groups">
      <h2 id="groups">${text('attention_groups')}</h2>
      ${complete ? nothing : html`<p class="notice">${text('attention_incomplete')}</p>`}
      <div class="cards">
        ${repeat(
          groups,
          groupName,
          (group) => html`<attention-group .desk=${this.desk} .group=${group}
            @begun=${() => this.running.add(groupName(group))} @done=${(event: Event) => this.runDone(event, group)}></attention-group>`,
        )}
      </div>
    </section>`;
  }

  // The group's dialog sends `done`, too: then the run has only begun.
  private runDone(event: Event, group: AttentionGroup): void {
    if (event.target === event.currentTarget) {
      this.running.delete(groupName(group));
      this.live.now();
    }
  }

  private entries(orders: readonly OrderHead[]): TemplateResult | typeof nothing {
    if (orders.length === 0) {
      return nothing;
    }
    const now = this.desk.clock.now();
    const entries: Entry[] = orders.map((order) => ({ order, concerns: concernsOf(order, now) }));
    // What waits longest comes first; what does not say since when, last.
    const oldestFirst = entries.sort((one, other) => (waitsSince(one.concerns) || '~').localeCompare(waitsSince(other.concerns) || '~'));
    return html`<section aria-labelledby="entries">
      <h2 id="entries">${text('attention_entries')}</h2>
      <ul class="cards">
        ${repeat(oldestFirst, ({ order }) => order.order_id, ({ order, concerns }) => entryView(order, concerns, now))}
      </ul>
    </section>`;
  }

  private findings(findings: readonly Finding[]): TemplateResult | typeof nothing {
    if (findings.length === 0) {
      return nothing;
    }
    return html`<section aria-labelledby="findings">
      <h2 id="findings">${text('attention_findings')}</h2>
      <ul class="cards">
        ${repeat(findings, nameOf, (finding) => findingView(finding, (one) => this.askHandled(one)))}
      </ul>
    </section>`;
  }

  private dialog(): TemplateResult {
    return html`<ask-once
      id="ask-finding"
      .heading=${text('finding_handled_title')}
      .confirm=${text('finding_handled')}
      .lead=${text('finding_handled_lead')}
      .ways=${{ signIn: this.desk.signIn }}
      .act=${() => this.handled()}
    ></ask-once>`;
  }

  private askHandled(finding: Finding): void {
    this.finding = finding;
    void this.querySelector<AskOnce>('#ask-finding')?.open();
  }

  private async handled(): Promise<void> {
    const { gateway, day, discrepancy, payment_id } = this.finding as Finding;
    const path = { gateway, day, discrepancy, payment_id };
    await this.desk.api.post('/operations/findings/{gateway}/{day}/{discrepancy}/{payment_id}/handled', { path });
    this.desk.announce(text('finding_handled_done'));
    this.live.now();
  }

  private async read(signal: AbortSignal): Promise<void> {
    const { api } = this.desk;
    try {
      const [attention, groups] = await Promise.all([
        api.get('/operations/attention', { signal }),
        api.get('/operations/attention/groups', { signal }),
      ]);
      this.listed = { attention: attention.data, groups: groups.data };
      this.problem = null;
    } catch (problem) {
      this.problem = signal.aborted ? this.problem : problem;
      throw problem;
    }
  }
}

const nameOf = ({ gateway, day, discrepancy, payment_id }: Finding): string => `${gateway} ${day} ${discrepancy} ${payment_id}`;

customElements.define('attention-view', AttentionView);
