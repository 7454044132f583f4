import type { ServicePart } from '@meridian/service'
import type { Counts } from '../pipeline/counts.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { Source, SourceHandlers } from '../sources/source.ts'

/** A source that feeds a pipeline; what it cannot read is told to `onFault`. */
export const sourcePart = (
  source: Source,
  pipeline: Pipeline,
  { counts, onFault }: { readonly counts: Counts; readonly onFault: SourceHandlers['onFault'] }
): ServicePart => ({
  name: 'the source',
  start: context => source.start(context, { onMessage: pipeline.take, onFault }),
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
