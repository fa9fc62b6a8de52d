// Which groups of orders that need a person are shown.
import type { AttentionGroup } from '../api.ts';

// The API lists so many orders at most.
const MOST_LISTED = 100;

/** A group's name among those of its list. */
export const groupName = ({ gateway, cause }: AttentionGroup): string => `${gateway} ${cause}`;

/**
 * The groups to show where so many orders are listed: one order alone is an entry, but in a group that is gone through,
 * whose run would end with it. Where not all orders are listed, a group is the only sign of them.
 */
export function shownGroups(groups: readonly AttentionGroup[], listed: number, running: ReadonlySet<string>): readonly AttentionGroup[] {
  return listed < MOST_LISTED ? groups.filter((group) => group.count > 1 || running.has(groupName(group))) : groups;
}
