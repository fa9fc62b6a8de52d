// What a user wants done once: one Idempotency-Key for it, kept for all its repetitions.

/** What was meant, and its key. */
export type OpenIntents = readonly (readonly [string, string])[];

/**
 * Keys by the name of an action, such as `refund:<order_id>`, and its content. A key stays until that has an outcome: a
 * second click, another try and a dialog that was closed and opened again send the same one, whatever was tried between.
 */
export class Intents {
  private begun = new Map<string, string>();
  private readonly newKey: () => string;

  constructor(newKey: () => string = () => crypto.randomUUID()) {
    this.newKey = newKey;
  }

  /** The key under which this content is sent for the action. */
  keyFor(action: string, content: unknown): string {
    const meant = meantBy(action, content);
    const key = this.begun.get(meant) ?? this.newKey();
    this.begun.set(meant, key);
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
  finished(action: string, content: unknown): void {
    this.begun.delete(meantBy(action, content));
  }
}

const meantBy = (action: string, content: unknown): string => JSON.stringify([action, content]);
