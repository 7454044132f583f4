import type { Update } from '@meridian/client'
import { patternOf } from '@meridian/subjects'
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { createDataFlow, type Stall } from '../data-flow.ts'
import type { Reading } from '../session/reading.ts'
import { isMissing, type Judgement } from './condition.ts'
import { instanceIdOf } from './instance-model.ts'
import { later } from './later.ts'

/** Which components a producer carries: those that it names, and perhaps whatever no producer names. */
interface Carries {
  readonly instances: ReadonlySet<string>
  readonly others: boolean
}

/** Processes of Meridian itself that beat, as they beat. */
export const PROCESS_KINDS = ['Producer', 'Commander', 'Gateway', 'Api'] as const
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
  /** When it told what it carries, as it does at its start and after each loss of the broker; TAI seconds. */
  readonly listensSince: Signal<number | undefined>
  /** Whether whoever is logged in may hear it at all; who may not never calls it silent. */
  readonly isReadable: ReadonlySignal<boolean>
  readonly isSilent: ReadonlySignal<boolean>
  /** As of when what it carries may be judged: its last beat, but for a while after it was silent. */
  readonly asOfMs: ReadonlySignal<number | undefined>
  /** The last time in which what it carries could not be heard for it; undefined before there was one. */
  readonly lastStall: ReadonlySignal<Stall | undefined>
  /** It beat just now, or, of a last value, then. */
  beat(heardMs: number, isLastValue: boolean): void
}

/** Meridian's own processes, and what their silence means for components. */
export interface Processes {
  readonly all: ReadonlySignal<readonly ProcessModel[]>
  /** As of when the instance is judged: first by the link, then by the producers that carry it. */
  judgementOf(id: string): ReadonlySignal<Judgement>
  /**
   * Of the producers that carry the instance and beat, the one that listens longest; undefined where none is known.
   * What was said before that may have changed while nobody listened. Reads signals.
   */
  firstCarrierOf(id: string): ProcessModel | undefined
  /** Takes what a process says of itself; false when the update is of none. */
  apply(update: Update, heardMs: number): boolean
  /** Drops a process that was not heard since that instant. */
  forget(id: string, heardMs: number): void
}

const isKind = (csc: string): csc is ProcessKind => PROCESS_KINDS.some(kind => kind === csc)

function carriesOf({ instances, others }: Readonly<Record<string, unknown>>): Carries {
  const named = Array.isArray(instances) ? instances.filter(id => typeof id === 'string') : []
  return { instances: new Set(named), others: others === true }
}

/** The one of several processes that lets judge as of the newest instant; undefined when none does. */
function newestOf(processes: readonly ProcessModel[]): ProcessModel | undefined {
  const atMs = ({ asOfMs }: ProcessModel): number => asOfMs.value ?? Number.NEGATIVE_INFINITY
  const [newest] = [...processes].sort((a, b) => atMs(b) - atMs(a))
  return newest?.asOfMs.value === undefined ? undefined : newest
}

/** The stall that ended last. */
const latestOf = (stalls: ReadonlyArray<Stall | undefined>): Stall | undefined =>
  stalls.reduce((latest, stall) => ((stall?.toMs ?? 0) > (latest?.toMs ?? 0) ? stall : latest), undefined)

/** What processes are judged by. */
export interface ProcessesParts {
  /** The instant as of which the link lets anybody be judged. */
  readonly judgedAtMs: ReadonlySignal<number>
  /** The last time in which it brought nothing. */
  readonly lastStall: ReadonlySignal<Stall | undefined>
  readonly reading: Reading
}

/** A process that was not heard yet. What flows through a producer stalls with it, and settles after it. */
function createProcess(
  kind: ProcessKind,
  index: number,
  { judgedAtMs, reading }: ProcessesParts
): ProcessModel {
  const beatMs = signal<number | undefined>(undefined)
  const asOfMs = signal<number | undefined>(undefined)
  const lastStall = signal<Stall | undefined>(undefined)
  const flow = createDataFlow({ isSteady: true })
  const isReadable = computed(() => reading.may(patternOf('hb', { csc: kind, index })))
  return {
    id: instanceIdOf(kind, index),
    kind,
    index,
    beatMs,
    asOfMs,
    lastStall,
    carries: signal(undefined),
    listensSince: signal(undefined),
    isReadable,
    isSilent: computed(() => isReadable.value && isMissing(beatMs.value, judgedAtMs.value)),
    beat(heardMs, isLastValue) {
      later(beatMs, heardMs)
      if (isLastValue) {
        flow.recalled(heardMs)
        flow.complete()
      } else flow.came(heardMs)
      asOfMs.value = flow.judgedAtMs(heardMs)
      lastStall.value = flow.lastStall()
    }
  }
}

/** No process is known at first. */
export function createProcesses(parts: ProcessesParts): Processes {
  const { judgedAtMs, lastStall: linkStall } = parts
  const byId = new Map<string, ProcessModel>()
  const all = signal<readonly ProcessModel[]>([])

  function make(kind: ProcessKind, index: number): ProcessModel {
    const model = createProcess(kind, index, parts)
    byId.set(model.id, model)
    show()
    return model
  }

  function show(): void {
    all.value = [...byId.values()].sort((a, b) => a.kind.localeCompare(b.kind) || a.index - b.index)
  }

  /** Those that name the instance; where none does, those that take what nobody names. */
  function carriersOf(id: string): readonly ProcessModel[] {
    const naming = all.value.filter(({ carries }) => carries.value?.instances.has(id))
    return naming.length > 0 ? naming : all.value.filter(({ carries }) => carries.value?.others)
  }

  return {
    all,
    judgementOf(id) {
      const carriers = computed(() => carriersOf(id).filter(({ isReadable }) => isReadable.value))
      return computed(() => {
        const linkMs = judgedAtMs.value
        const [first] = carriers.value
        const newest = newestOf(carriers.value)
        const carriedMs = newest?.asOfMs.value
        const stall = latestOf([linkStall.value, newest?.lastStall.value])
        if (first !== undefined && isMissing(carriedMs, linkMs))
          return {
            ...{ asOfMs: linkMs, silentProducer: first.id, stall },
            provenMs: carriedMs ?? Number.NEGATIVE_INFINITY
          }
        return { asOfMs: Math.min(linkMs, carriedMs ?? linkMs), silentProducer: undefined, stall }
      })
    },
    firstCarrierOf(id) {
      const beating = carriersOf(id).filter(({ isSilent }) => !isSilent.value)
      return beating.sort((a, b) => (a.listensSince.value ?? 0) - (b.listensSince.value ?? 0))[0]
    },
    apply(update, heardMs) {
      const { class: kind, csc, index, topic } = update.parts
      if (!isKind(csc)) return false
      const model = byId.get(instanceIdOf(csc, index)) ?? make(csc, index)
      if (kind === 'hb') model.beat(heardMs, update.snapshot)
      else if (topic === 'carries') {
        model.carries.value = carriesOf(update.fields)
        model.listensSince.value = update.received
      }
      return true
    },
    forget(id, heardMs) {
      if ((byId.get(id)?.beatMs.peek() ?? Number.NEGATIVE_INFINITY) <= heardMs && byId.delete(id)) show()
    }
  }
}
