// Which fields of an order a viewer may edit, as docs/http-api.md has it ("What a buyer may edit").
import type { Line, Order } from '../api.ts';
import type { BuyerRight } from './api_types.ts';
import { whole } from './line_diff.ts';
import { editsPrices, type Viewer } from './viewer.ts';

/** `everything`: a seller or a service. Otherwise what a buyer may do. */
export interface EditRights {
  readonly everything: boolean;
  readonly quantities: boolean;
  readonly removeLines: boolean;
  readonly address: boolean;
  readonly note: boolean;
}

/** What a seller or a service may edit. */
export const ALL_RIGHTS: EditRights = { everything: true, quantities: true, removeLines: true, address: true, note: true };

/** What the viewer, who may edit the order, may edit of it. */
export function editRights(order: Order, viewer: Viewer): EditRights {
  if (editsPrices(viewer, order)) {
    return ALL_RIGHTS;
  }
  const given = new Set<BuyerRight>(order.buyer_may ?? usualRights(order));
  return {
    everything: false,
    quantities: given.has('quantities'),
    removeLines: given.has('remove_lines'),
    address: given.has('address'),
    note: given.has('note'),
  };
}

/** Whether a buyer leaves the line as it is, whatever else they may edit. */
export function isLeftAlone(line: Line): boolean {
  const { kind, fixed } = whole(line);
  return fixed || kind !== 'item' || line.unit_price === 0;
}

function usualRights(order: Order): readonly BuyerRight[] {
  const plain = order.lines.every((line) => whole(line).kind === 'item' && line.unit_price > 0);
  return plain ? ['quantities', 'remove_lines', 'address', 'note'] : ['note'];
}
