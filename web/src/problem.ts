// Errors of the API as data: RFC 9457 problems, API Gateway's own answers, and no answer at all.

// The code of an answer that names none.
const UNNAMED = 'gateway-error';

export interface FieldError {
  readonly field: string;
  readonly problem: string;
}

/** What stands against a request. Decide by `code`; `title` and `detail` are the API's own text, in English. */
export class Problem extends Error {
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  /** The API's code, or `unauthorized`, `throttled`, `not-found`, `gateway-error`, `no-answer` where it gave none. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly FieldError[];
  /** Seconds, where the answer had `Retry-After`. */
  readonly retryAfter: number | null;
  /** The problem document's other members, such as `locked_until`, `attempt_id`, `revision`, `left`. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(status: number, document: Readonly<Record<string, unknown>>, retryAfter: number | null = null) {
    const title = textOf(document['title']) || textOf(document['message']);
    super(title);
    this.name = 'Problem';
    this.status = status;
    this.code = textOf(document['code']) || codeOf(status);
    this.title = title;
    this.detail = textOf(document['detail']);
    this.errors = Array.isArray(document['errors']) ? document['errors'].filter(isFieldError) : [];
    this.retryAfter = retryAfter;
    this.members = document;
  }

  /** The outcome of the request is not known: the same request, under the same key, shows it. */
  get outcomeUnknown(): boolean {
    // A 502 of the API is its gateway's refusal; one without a code is a proxy's, which got no answer.
    return [0, 500, 503, 504].includes(this.status) || (this.status === 502 && this.code === UNNAMED);
  }

  /** The same request may succeed later without anybody changing it. */
  get passes(): boolean {
    return this.outcomeUnknown || this.status === 429;
  }
}

/** The problem of an answer that is no success. */
export async function problemOf(answer: Response): Promise<Problem> {
  const [seconds] = answer.headers.get('retry-after')?.match(/^\d+$/u) ?? [];
  return new Problem(answer.status, await documentOf(answer), seconds === undefined ? null : Number(seconds));
}

/** The problem where no answer came: no connection, or none in time. */
export const noAnswer = (): Problem => new Problem(0, {});

async function documentOf(answer: Response): Promise<Record<string, unknown>> {
  try {
    const document: unknown = await answer.json();
    return typeof document === 'object' && document !== null ? { ...document } : {};
  } catch {
    return {};
  }
}

const isFieldError = (error: unknown): error is FieldError => typeof (error as Partial<FieldError> | null)?.field === 'string';

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function codeOf(status: number): string {
  const codes: Record<number, string> = { 0: 'no-answer', 401: 'unauthorized', 403: 'not-allowed', 404: 'not-found', 429: 'throttled' };
  return codes[status] ?? UNNAMED;
}
