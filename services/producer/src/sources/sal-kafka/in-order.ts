import type { SourceMessage } from '../source.ts'

/**
 * Messages of several partitions of one topic by their stamps: a component writes to them in turn. Those of one
 * partition keep their order.
 */
export function inOrder(partitions: readonly (readonly SourceMessage[])[]): readonly SourceMessage[] {
  const [single = []] = partitions
  if (partitions.length < 2) return single
  return partitions.flat().sort((a, b) => (a.stamps.sndStamp ?? 0) - (b.stamps.sndStamp ?? 0))
}
