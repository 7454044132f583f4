import type { Update } from '@meridian/client'
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { isMissing, type Judgement } from './condition.ts'
import { instanceIdOf } from './instance-model.ts'
import { later } from './later.ts'

/** Which components a producer carries: those that it names, and perhaps whatever no producer names. */
interface Carries {
  readonly instances: ReadonlySet<string>
  readonly others: boolean
}

/** Processes of Meridian itself that beat, as they beat. */
export const PROCESS_KINDS = ['Producer', 'Commander', 'Gateway'] as const
type ProcessKind = (typeof PROCESS_KINDS)[number]

/** One process of Meridian on this page: not a component of the observatory. */
export interface ProcessModel {
  readonly id: string
  readonly kind: ProcessKind
  readonly index: number
  /** When it was last heard, as an instant of the page's clock. */
  readonly beatMs: Signal<number | undefined>
  /** Of a producer, once it has said. */
  readonly carries: Signal<Carries | undefined>
  readonly isSilent: ReadonlySignal<boolean>
}

/** Meridian's own processes, and what their silence means for components. */
export interface Processes {
  readonly all: ReadonlySignal<readonly ProcessModel[]>
  /** As of when the instance is judged: first by the link, then by the producers that carry it. */
  judgementOf(id: string): ReadonlySignal<Judgement>
  /** Takes what a process says of itself; false when the update is of none. */
  apply(update: Update, heardMs: number): boolean
}

const isKind = (csc: string): csc is ProcessKind => PROCESS_KINDS.some(kind => kind === csc)

function carriesOf({ instances, others }: Readonly<Record<string, unknown>>): Carries {
  const named = Array.isArray(instances) ? instances.filter(id => typeof id === 'string') : []
  return { instances: new Set(named), others: others === true }
}

/** The newest beat of several processes; undefined when none was ever heard. */
function newestBeat(processes: readonly ProcessModel[]): number | undefined {
  let newest: number | undefined
  for (const { beatMs } of processes)
    if (beatMs.value !== undefined && !(newest !== undefined && newest >= beatMs.value)) newest = beatMs.value
  return newest
}

/** No process is known at first. `judgedAtMs` is the instant as of which the link lets anybody be judged. */
export function createProcesses(judgedAtMs: ReadonlySignal<number>): Processes {
  const byId = new Map<string, ProcessModel>()
  const all = signal<readonly ProcessModel[]>([])

  function make(kind: ProcessKind, index: number): ProcessModel {
    const beatMs = signal<number | undefined>(undefined)
    const model: ProcessModel = {
      id: instanceIdOf(kind, index),
      kind,
      index,
      beatMs,
      carries: signal(undefined),
      isSilent: computed(() => isMissing(beatMs.value, judgedAtMs.value))
    }
    byId.set(model.id, model)
    all.value = [...byId.values()].sort((a, b) => a.kind.localeCompare(b.kind) || a.index - b.index)
    return model
  }

  /** Those that name the instance; where none does, those that take what nobody names. */
  function carriersOf(id: string): readonly ProcessModel[] {
    const naming = all.value.filter(({ carries }) => carries.value?.instances.has(id))
    return naming.length > 0 ? naming : all.value.filter(({ carries }) => carries.value?.others)
  }

  return {
    all,
    judgementOf(id) {
      const carriers = computed(() => carriersOf(id))
      return computed(() => {
        const silent = carriers.value.filter(({ isSilent }) => isSilent.value)
        if (silent.length > 0 && silent.length === carriers.value.length)
          return { asOfMs: judgedAtMs.value, silentProducer: silent[0]?.id }
        const beatMs = newestBeat(carriers.value) ?? Number.POSITIVE_INFINITY
        return { asOfMs: Math.min(judgedAtMs.value, beatMs), silentProducer: undefined }
      })
    },
    apply(update, heardMs) {
      const { class: kind, csc, index, topic } = update.parts
      if (!isKind(csc)) return false
      const model = byId.get(instanceIdOf(csc, index)) ?? make(csc, index)
      if (kind === 'hb') later(model.beatMs, heardMs)
      else if (topic === 'carries') model.carries.value = carriesOf(update.fields)
      return true
    }
  }
}
