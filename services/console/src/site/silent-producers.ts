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

/** `68 components`; one is `1 component`. */
export const componentCount = (count: number): string => `${count} component${count === 1 ? '' : 's'}`

/** `SILENT`, or `IS BACK` once it beats again while its components cannot be judged yet. Reads signals. */
export const silenceWord = ({ process }: SilentProducer): string =>
  process.isSilent.value ? 'SILENT' : 'IS BACK'

/** `68 components not judged`; `yet` once the producer beats again. Reads signals. */
export const unjudgedText = ({ process, unjudged }: SilentProducer): string =>
  `${componentCount(unjudged)} not judged${process.isSilent.value ? '' : ' yet'}`

/** `PRODUCER 2 SILENT: 68 components not judged`. Reads signals. */
export const silenceText = (silent: SilentProducer): string =>
  `${processName(silent.process).toUpperCase()} ${silenceWord(silent)}: ${unjudgedText(silent)}`
