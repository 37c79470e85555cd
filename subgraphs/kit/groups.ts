/** Which part of the city a group is: one district's enterprises of one section of the industry classification. */
export interface GroupKey {
  /** District and sector with a colon between, such as `990104:I`. */
  groupId: string;
  /** Code of the district. */
  district: string;
  /** Section letter of the industry classification. */
  sector: string;
}

/**
 * Names a group. Every member is in exactly one: with a second way of grouping, or with totals over groups, the difference of
 * two groups would tell of the few who are in one of them alone.
 */
export function groupKey(district: string, sector: string): GroupKey {
  return { groupId: `${district}:${sector}`, district, sector };
}
