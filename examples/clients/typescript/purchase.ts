// One purchase with the types that openapi-typescript generates and the client openapi-fetch: the order is locked, given
// back, edited and paid. `node purchase.ts .local/stack.json`, while `make dev` runs; docs/clients.md has the steps.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./paylatch.d.ts";

type Order = components["schemas"]["Order"];
type Problem = components["schemas"]["Problem"];
type Message = components["schemas"]["Message"];

interface Stack {
  api_url: string;
  tokens: Record<"service" | "buyer", string>;
  buyer_id: string;
  seller_id: string;
}

const WITHIN_SECONDS = 90;
// Longer than any answer takes. Without it fetch waits for minutes where none comes.
const TIMEOUT_SECONDS = 35;
// It is not known whether the request had its effect.
const UNKNOWN = [500, 503, 504];
const stack = JSON.parse(readFileSync(process.argv[2]!, "utf8")) as Stack;
const clientOf = (token: string) =>
  createClient<paths>({
    baseUrl: stack.api_url,
    headers: { Authorization: `Bearer ${token}` },
    fetch: (request) => fetch(request, { signal: AbortSignal.timeout(TIMEOUT_SECONDS * 1000) }),
  });
const shop = clientOf(stack.tokens.service);
const buyer = clientOf(stack.tokens.buyer);
const tea = (quantity: number) => [
  { sku: "tea-01", name: "Green tea", quantity, unit_price: 1250 },
];

/** The data of a success. Fails with the problem of anything else. */
function succeeded<Data>(answer: { data?: Data; error?: Problem | Message }): Data {
  assert.ok(answer.data !== undefined, JSON.stringify(answer.error));
  return answer.data;
}

/** Without an answer it is not known whether a payment was opened: the same request, with the same key, completes it. */
async function beginPayment(order_id: string) {
  const key = randomUUID();
  const deadline = Date.now() + WITHIN_SECONDS * 1000;
  for (;;) {
    const asked = buyer.POST("/orders/{order_id}/payments", {
      params: { path: { order_id }, header: { "Idempotency-Key": key } },
      body: { return_url: "https://shop.example/thanks" },
    });
    const answer = await asked.catch(() => undefined);
    if (answer && !UNKNOWN.includes(answer.response.status)) return succeeded(answer);
    assert.ok(Date.now() < deadline, `no answer: ${JSON.stringify(answer?.error)}`);
    await wait(1000);
  }
}

async function waitUntil(order_id: string, holds: (order: Order) => boolean): Promise<Order> {
  const deadline = Date.now() + WITHIN_SECONDS * 1000;
  for (;;) {
    const order = succeeded(await shop.GET("/orders/{order_id}", { params: { path: { order_id } } }));
    if (holds(order)) return order;
    assert.ok(Date.now() < deadline, `the order is still ${order.payment_status}`);
    await wait(300);
  }
}

const order = succeeded(
  await shop.POST("/orders", {
    params: { header: { "Idempotency-Key": randomUUID() } },
    body: {
      reference: `typescript-${randomUUID().slice(0, 8)}`,
      buyer_id: stack.buyer_id,
      seller_id: stack.seller_id,
      currency: "EUR",
      lines: tea(2),
    },
  }),
);
const order_id = order.order_id;
console.log(`${order_id}: ${order.total} ${order.currency}`);

// The buyer begins to pay, cannot edit the locked order, turns back, and edits it.
const attempt = await beginPayment(order_id);
const edit = () =>
  buyer.PATCH("/orders/{order_id}", {
    params: { path: { order_id }, header: { "If-Match": `"${order.revision}"` } },
    headers: { "Content-Type": "application/merge-patch+json" },
    body: { lines: tea(1) },
  });
const refused = await edit();
assert.ok(refused.error && "code" in refused.error);
assert.equal(refused.error.code, "order-locked");
assert.equal(refused.error.attempt_id, attempt.attempt_id);
const path = { order_id, attempt_id: attempt.attempt_id };
const released = succeeded(
  await buyer.POST("/orders/{order_id}/payments/{attempt_id}/cancellation", { params: { path } }),
);
assert.equal(released.payment_status, "pending_payment");
const edited = succeeded(await edit());
assert.deepEqual([edited.revision, edited.total], [order.revision + 1, order.total / 2]);

// The buyer pays at the sandbox gateway, whose callback settles the order.
const paying = await beginPayment(order_id);
const paid = await fetch(paying.pay_url!, {
  method: "POST",
  body: new URLSearchParams({ action: "pay" }),
  redirect: "manual",
});
assert.equal(paid.status, 303);
await waitUntil(order_id, (order) => order.payment_status === "paid");
console.log(`${order_id}: paid by ${paying.attempt_id}`);

// The shop refunds the whole payment.
const refund = succeeded(
  await shop.POST("/orders/{order_id}/refunds", {
    params: { path: { order_id }, header: { "Idempotency-Key": randomUUID() } },
    body: { reason: "it came back" },
  }),
);
const returned = await waitUntil(order_id, (order) => order.refund_status === "full");
assert.deepEqual([returned.refunds[0]?.refund_id, returned.ledger.kept], [refund.refund_id, 0]);
console.log(`${order_id}: refunded ${returned.refunded} ${returned.currency}`);
