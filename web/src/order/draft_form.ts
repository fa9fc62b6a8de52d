// What the fields of a form for an order share.
import type { FieldError } from '../problem.ts';
import type { Draft } from './draft.ts';
import type { EditRights } from './edit_rights.ts';

/** What a form's fields need: the draft, the faults by field, and what to do with a change. */
export interface DraftForm {
  readonly draft: Draft;
  readonly currency: string;
  readonly rights: EditRights;
  readonly errors: readonly FieldError[];
  readonly change: (change: Partial<Draft>) => void;
  /** Whether a buyer must leave the line at this place as it is. */
  readonly isFixed: (place: number) => boolean;
}
