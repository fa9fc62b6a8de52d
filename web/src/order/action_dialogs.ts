// What each action asks before it is done, and does then.
import type { TemplateResult } from 'lit';
import type { Order } from '../api.ts';
import type { Desk } from '../desk.ts';
import { fieldText, minorUnits, moneyText } from '../money.ts';
import { Problem } from '../problem.ts';
import { text } from '../texts/index.ts';
import { linkFields, reasonField, refundFields, resolveFields, settleFields } from './dialog_fields.ts';
import type { Action } from './possible_actions.ts';

/** What became of an action. `order` null: it is to be read again. */
export interface Outcome {
  readonly order: Order | null;
  readonly words: string;
  readonly link?: string;
}

/** A dialog's words and fields, and what it does with them. `act` raises `Problem`. */
export interface Dialog {
  readonly heading: string;
  readonly confirm: string;
  readonly danger?: boolean;
  readonly lead: string | TemplateResult;
  readonly fields?: (problem: Problem | null) => TemplateResult;
  readonly act: (form: FormData) => Promise<Outcome>;
}

type Kind = Exclude<Action['kind'], 'edit' | 'stop_and_change'>;
/** An action that is asked about in a dialog. `renew_link` is one of the payment link's. */
export type Asked = Extract<Action, { kind: Kind }> | { readonly kind: 'renew_link' };

/** The dialog of an action of that order. */
export function dialogOf(action: Asked, order: Order, desk: Desk): Dialog {
  switch (action.kind) {
    case 'stop':
      return stop(action.attemptId, order, desk);
    case 'recheck':
      return recheck(action.attemptId, action.gateway, order, desk);
    case 'refund':
      return refund(action, order, desk);
    case 'settle':
      return settle(order, desk);
    case 'resolve':
      return resolve(action, order, desk);
    case 'write_off':
      return writeOff(action, order, desk);
    case 'release':
      return release(action, order, desk);
    case 'pay_link':
      return payLink(order, desk);
    case 'renew_link':
      return renewLink(order, desk);
    case 'cancel':
      return cancel(order, desk);
  }
}

const owed = (order: Order): string => moneyText(order.total, order.currency);
const gatewayOf = (order: Order): string => order.payment?.gateway ?? text('the_gateway');

/** A text of a form without spaces at its ends. */
const written = (form: FormData, name: string): string => String(form.get(name) ?? '').trim();

/** What the form itself finds wrong, as the API would say it. */
const fault = (field: string, problem: string): Problem =>
  new Problem(400, { code: 'invalid-request', title: text('fault_title'), detail: text('fault_lead'), errors: [{ field, problem }] });

function stop(attemptId: string, order: Order, desk: Desk): Dialog {
  const path = { order_id: order.order_id, attempt_id: attemptId };
  return {
    heading: text('action_stop_title', { amount: owed(order) }),
    confirm: text('action_stop'),
    danger: true,
    lead: text('action_stop_lead', { gateway: gatewayOf(order) }),
    act: async () => {
      const { data, status } = await desk.api.post('/orders/{order_id}/payments/{attempt_id}/cancellation', { path });
      return { order: data, words: text(status === 202 ? 'action_stop_waits' : 'action_stop_done') };
    },
  };
}

function recheck(attemptId: string, known: string | null, order: Order, desk: Desk): Dialog {
  const gateway = known ?? text('the_gateway');
  const path = { order_id: order.order_id, attempt_id: attemptId };
  return {
    heading: text('action_recheck_title', { gateway }),
    confirm: text('action_recheck', { gateway }),
    lead: text('action_recheck_lead'),
    act: async () => {
      const { data } = await desk.api.post('/orders/{order_id}/payments/{attempt_id}/recheck', { path });
      return { order: data, words: text('action_recheck_done') };
    },
  };
}

function refund(action: Extract<Action, { kind: 'refund' }>, order: Order, desk: Desk): Dialog {
  const { currency, left, byHand } = action;
  const lead = text(byHand ? 'action_refund_lead_manual' : 'action_refund_lead', { left: moneyText(left, currency), gateway: gatewayOf(order) });
  return {
    heading: text('action_refund_title'),
    confirm: text('action_refund_confirm'),
    danger: true,
    lead,
    fields: (problem) => refundFields(currency, fieldText(left, currency), problem),
    act: async (form) => sendRefund(action, refundAmount(form, action), written(form, 'reason'), order, desk),
  };
}

function refundAmount(form: FormData, { currency, left }: { currency: string; left: number }): number {
  const amount = minorUnits(written(form, 'amount'), currency);
  if (amount === null || amount < 1 || amount > left) {
    throw fault('amount', text('action_refund_too_much', { left: moneyText(left, currency) }));
  }
  return amount;
}

// One key for what is meant: a second click, another try and a dialog that was opened again make one refund.
async function sendRefund({ currency }: { currency: string }, amount: number, reason: string, order: Order, desk: Desk): Promise<Outcome> {
  const name = `refund:${order.order_id}`;
  const body = { amount, reason };
  await desk.api.post('/orders/{order_id}/refunds', { path: { order_id: order.order_id }, body, key: desk.intents.keyFor(name, body) });
  desk.intents.finished(name, body);
  return { order: null, words: text('action_refund_done', { amount: moneyText(amount, currency) }) };
}

function settle(order: Order, desk: Desk): Dialog {
  return {
    heading: text('action_settle_title', { amount: owed(order) }),
    confirm: text('action_settle'),
    danger: true,
    lead: text('action_settle_lead'),
    fields: settleFields,
    act: async (form) => {
      const method = written(form, 'method') as 'cash' | 'bank_transfer' | 'other';
      const body = { method, amount: order.total, note: written(form, 'note') };
      const { data } = await desk.api.post('/orders/{order_id}/settlement', { path: { order_id: order.order_id }, body });
      return { order: data, words: text('action_settle_done') };
    },
  };
}

function resolve(action: Extract<Action, { kind: 'resolve' }>, order: Order, desk: Desk): Dialog {
  const captured = order.payment?.captured;
  const came = captured ? moneyText(captured.amount, captured.currency) : '–';
  const held = captured ? moneyText(action.refunds, captured.currency) : '–';
  const path = { order_id: order.order_id, attempt_id: action.attemptId };
  return {
    heading: text('action_resolve_title', { captured: came }),
    confirm: text('action_resolve'),
    danger: true,
    lead: text('action_resolve_lead', { agreed: owed(order), captured: came, gateway: gatewayOf(order) }),
    fields: (problem) => resolveFields(action.settles, came, held, problem),
    act: async (form) => {
      const decision = written(form, 'action') === 'settle' ? 'settle' : 'refund';
      const body = { action: decision, reason: written(form, 'reason') } as const;
      const { data } = await desk.api.post('/orders/{order_id}/payments/{attempt_id}/resolution', { path, body });
      return { order: data, words: text('action_resolve_done') };
    },
  };
}

function writeOff({ refund: open }: Extract<Action, { kind: 'write_off' }>, order: Order, desk: Desk): Dialog {
  const amount = moneyText(open.amount, open.currency);
  const path = { order_id: order.order_id, refund_id: open.refundId };
  return {
    heading: text('action_write_off_title', { amount }),
    confirm: text('action_write_off', { amount }),
    danger: true,
    lead: text('action_write_off_lead', { amount }),
    fields: reasonField,
    act: async (form) => {
      const body = { reason: written(form, 'reason') };
      const { data } = await desk.api.post('/orders/{order_id}/refunds/{refund_id}/write-off', { path, body });
      return { order: data, words: text('action_write_off_done') };
    },
  };
}

function release({ attemptId, gateway }: { attemptId: string; gateway: string }, order: Order, desk: Desk): Dialog {
  const path = { order_id: order.order_id, attempt_id: attemptId };
  return {
    heading: text('action_release_title', { gateway }),
    confirm: text('action_release'),
    danger: true,
    lead: text('action_release_lead', { gateway }),
    fields: reasonField,
    act: async (form) => {
      const body = { reason: written(form, 'reason') };
      const { data } = await desk.api.post('/orders/{order_id}/payments/{attempt_id}/release', { path, body });
      return { order: data, words: text('action_release_done') };
    },
  };
}

function payLink(order: Order, desk: Desk): Dialog {
  return {
    heading: text('action_pay_link_title'),
    confirm: text('action_pay_link_confirm'),
    lead: text('action_pay_link_lead', { amount: owed(order) }),
    fields: linkFields,
    act: (form) => sendLink(order, desk, { return_url: written(form, 'return_url') }),
  };
}

function renewLink(order: Order, desk: Desk): Dialog {
  return {
    heading: text('action_renew_link_title'),
    confirm: text('action_renew_link'),
    danger: true,
    lead: text('action_renew_link_lead'),
    act: () => sendLink(order, desk, { renew: true, return_url: '' }),
  };
}

async function sendLink(order: Order, desk: Desk, wanted: { renew?: boolean; return_url: string }): Promise<Outcome> {
  const { return_url, ...rest } = wanted;
  const body = { ...rest, ...(return_url === '' ? {} : { return_url }) };
  const { data } = await desk.api.post('/orders/{order_id}/pay-link', { path: { order_id: order.order_id }, body });
  return { order: null, words: text('action_pay_link_done'), link: data.url };
}

function cancel(order: Order, desk: Desk): Dialog {
  return {
    heading: text('action_cancel_title', { amount: owed(order) }),
    confirm: text('action_cancel'),
    danger: true,
    lead: text('action_cancel_lead'),
    act: async () => {
      const { data } = await desk.api.post('/orders/{order_id}/cancellation', { path: { order_id: order.order_id } });
      return { order: data, words: text('action_cancel_done') };
    },
  };
}
