import { ready, type ServicePart } from '@meridian/service'
import type { Counts } from '../pipeline/counts.ts'
import type { Source, SourceHandlers } from '../sources/source.ts'

/** A source that feeds a pipeline. */
export const sourcePart = (source: Source, counts: Counts, handlers: SourceHandlers): ServicePart => ({
  name: 'the source',
  start: context => source.start(context, handlers),
  readiness: () => source.readiness?.() ?? ready,
  stop: () => source.stop(),
  endpoints: () =>
    (source.endpoints?.() ?? []).map(endpoint => ({
      ...endpoint,
      queueGroup: '',
      stats: () => ({ requests: totalOf(counts.samples), errors: totalOf(counts.rejected), processingMs: 0 })
    }))
})

const totalOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)
