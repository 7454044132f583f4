/**
 * Whether two lists hold the same items in the same order; from the end, where lists of records that differ
 * mostly differ.
 */
export function sameItems<T>(one: readonly T[], other: readonly T[]): boolean {
  if (one.length !== other.length) return false
  for (let i = one.length - 1; i >= 0; i--) if (one[i] !== other[i]) return false
  return true
}
