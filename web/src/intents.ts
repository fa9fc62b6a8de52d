// What a user wants done once: one Idempotency-Key for it, kept for all its repetitions.

interface Begun {
  readonly content: string;
  readonly key: string;
}

export type OpenIntents = readonly (readonly [string, Begun])[];

/**
 * Keys by the name of an action, such as `refund:<order_id>`. A key stays until the action has an outcome: a second
 * click, another try and a dialog that was closed and opened again send the same one. Other content is another action.
 */
export class Intents {
  private begun = new Map<string, Begun>();
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

  /** The actions without an outcome, to go on with them when the page was left and is back. */
  get open(): OpenIntents {
    return [...this.begun];
  }

  /** Go on with these. */
  goOnWith(open: OpenIntents): void {
    this.begun = new Map(open);
  }

  /** The action has its outcome: the next time it is meant anew. */
  finished(action: string): void {
    this.begun.delete(action);
  }
}
