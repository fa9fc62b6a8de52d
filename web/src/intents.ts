// What a user wants done once: one Idempotency-Key for it, kept for all its repetitions.

/**
 * Keys by the name of an action, such as `refund:<order_id>`. A key stays until the action has an outcome: a second
 * click, another try and a dialog that was closed and opened again send the same one. Other content is another action.
 */
export class Intents {
  private readonly begun = new Map<string, { readonly content: string; readonly key: string }>();
  private readonly newKey: () => string;

  constructor(newKey: () => string = () => crypto.randomUUID()) {
    this.newKey = newKey;
  }

  /** The key under which this content is sent for the action. */
  keyFor(action: string, content: unknown): string {
    const written = JSON.stringify(content) ?? '';
    const known = this.begun.get(action);
    if (known?.content === written) {
      return known.key;
    }
    const key = this.newKey();
    this.begun.set(action, { content: written, key });
    return key;
  }

  /** The action has its outcome: the next time it is meant anew. */
  finished(action: string): void {
    this.begun.delete(action);
  }
}
