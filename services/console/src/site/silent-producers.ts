import type { Fleet } from './fleet.ts'
import type { ProcessModel } from './processes.ts'

/** A producer that is silent, or was until just now, and how many components cannot be judged for that. */
export interface SilentProducer {
  readonly process: ProcessModel
  readonly unjudged: number
}

/** Silent producers that nobody stands in for. Reads signals. */
export function silentProducersOf({ instances, processes }: Fleet): readonly SilentProducer[] {
  const counts = new Map<string, number>()
  for (const { condition, judgement } of instances.value) {
    const { silentProducer } = judgement.value
    if (silentProducer === undefined || condition.value !== 'unjudged') continue
    counts.set(silentProducer, (counts.get(silentProducer) ?? 0) + 1)
  }
  return processes.all.value.flatMap(process => {
    const unjudged = counts.get(process.id) ?? 0
    return unjudged === 0 ? [] : [{ process, unjudged }]
  })
}

/** How a process is called in a sentence: `producer 2`. */
export const processName = ({ kind, index }: ProcessModel): string => `${kind.toLowerCase()} ${index}`

/** `68 components`. */
export const componentCount = (count: number): string => `${count} component${count === 1 ? '' : 's'}`

/** `PRODUCER 2 SILENT: 68 components not judged`; once it beats again, that it was, and that they are not yet. */
export function silenceText({ process, unjudged }: SilentProducer): string {
  const [state, when] = process.isSilent.value ? ['SILENT', ''] : ['WAS SILENT', ' yet']
  return `${processName(process).toUpperCase()} ${state}: ${componentCount(unjudged)} not judged${when}`
}
