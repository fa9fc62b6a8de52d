// Reads an order and its history, and afterwards only what is new of it.
import type { Answer, Api, History, Order, OrderEvent } from '../api.ts';
import { lastSeq, withNewer } from './timeline.ts';

const PAGE = 100;
const READS_AFTER_ERASURE = 2;

/** An order as it was read last. */
export class OrderReader {
  order: Order | null = null;
  events: readonly OrderEvent[] = [];
  private readonly api: Api;
  private readonly orderId: string;
  private erasedAt: string | null | undefined;
  /** So many reads begin the history anew. */
  private anew = 0;

  constructor(api: Api, orderId: string) {
    this.api = api;
    this.orderId = orderId;
  }

  /** Read the order, then the events that it has and the history does not show yet. Raises `Problem`. */
  async read(signal: AbortSignal): Promise<void> {
    const path = { order_id: this.orderId };
    const answer = await this.api.get('/orders/{order_id}', { path, signal });
    this.order = answer.data;
    this.noteErasure(answer.data.erased_at);
    if (versionOf(answer.etag) !== lastSeq(this.events)) {
      await this.readHistory(signal);
    }
  }

  /** Take the order of an answer to an action. */
  accept(order: Order): void {
    this.order = order;
  }

  // Texts are taken out of the events a moment after the order says so: a second read finds those that the first one missed.
  private noteErasure(at: string | null): void {
    this.anew = this.erasedAt === undefined || this.erasedAt === at ? Math.max(0, this.anew - 1) : READS_AFTER_ERASURE;
    this.erasedAt = at;
    if (this.anew > 0) {
      this.events = [];
    }
  }

  private async readHistory(signal: AbortSignal): Promise<void> {
    const path = { order_id: this.orderId };
    let after: number | null = lastSeq(this.events);
    while (after !== null) {
      const query: { after: number; limit: number } = { after, limit: PAGE };
      const { data }: Answer<History> = await this.api.get('/orders/{order_id}/history', { path, query, signal });
      this.events = withNewer(this.events, data.events);
      after = data.next_after;
    }
  }
}

/** How many changes the order has had, which is the `seq` of its last event: `"2.7"` is 7. */
export function versionOf(etag: string | null): number | null {
  const found = etag?.match(/^(?:W\/)?"\d+\.(\d+)"$/u);
  return found ? Number(found[1]) : null;
}
