import type { Values } from './outlet.ts'
import type { SummaryState } from './summary-state.ts'
import type { Tick } from './tick.ts'
import type { EventPublisher } from './topic-publisher.ts'

/** Values of Python's log levels, which SAL uses. */
export const LEVEL = { debug: 10, info: 20, warning: 30, error: 40, critical: 50 } as const
/** Name of one of the LEVELs. */
export type Level = keyof typeof LEVEL

/** What a component gives its model: identity, state, and the events to publish. */
export interface ModelContext {
  readonly csc: string
  readonly index: number
  /** Seed for random values of this instance. */
  readonly seed: number
  state(): SummaryState
  event(topic: string): EventPublisher
  /** Value of an enumeration's item; 0 where the catalogue has no such item. */
  valueOf(enumeration: string, item: string): number
  say(level: Level, message: string, at: Tick): void
  /** Goes to FAULT by itself: errorCode, then summaryState. */
  fault(code: number, report: string, at: Tick): void
}

/** Parameters of a command by name; the commander has checked them against the catalogue. */
export type Params = Readonly<Record<string, unknown>>

/** Work of a command that takes time. */
export interface Work {
  /** About how long it takes, seconds; told as the timeout of CMD_INPROGRESS. */
  readonly seconds: number
  /** Newer work of the same group replaces this one, and `abort(group)` ends it. */
  readonly group?: string
  /** True when it is complete; throws `refuse(...)` when it failed. */
  done(at: Tick): boolean
  /** The result of CMD_COMPLETE; `Done` where absent. */
  result?(): string
}

/** A command that a handler is to execute. */
export interface Call {
  readonly at: Tick
  readonly params: Params
  /** Ends running work of a group with CMD_ABORTED. */
  abort(group: string, why: string): void
}

/**
 * Executes a command. Returns nothing or the text of the result when it is complete, or work that goes on;
 * throws `refuse(...)`.
 */
export type Handler = (call: Call) => Work | string | undefined

/** Writes the fields of a telemetry topic that the model knows; it must write the same names at each call. */
export type Fill = (values: Values, at: Tick) => void

/**
 * What makes a component more than its catalogue entry. Topics and commands that a model does not name are
 * generic.
 */
export interface Model {
  /** Moves the model on to this tick; called before telemetry is filled, and at least 20 times a second. */
  advance?(at: Tick): void
  readonly telemetry?: Readonly<Record<string, Fill>>
  /** Fields of the events published at start; they replace the generic values. */
  readonly events?: Readonly<Record<string, Readonly<Values>>>
  /** Events that are not sent at start: they tell of something that happened. */
  readonly notAtStart?: readonly string[]
  readonly commands?: Readonly<Record<string, Handler>>
  /** Called after each change of the summary state. */
  entered?(state: SummaryState, at: Tick): void
  /** Names of commands that are allowed in any summary state. */
  readonly inAnyState?: readonly string[]
}

/** Telemetry by topic: each writes the fields that it knows from the parts and state of a machine `M`. */
export type TelemetryTable<M> = Readonly<Record<string, (machine: M, values: Values, at: Tick) => void>>

/** Commands by name: each executes a call on a machine `M`, as a `Handler` does. */
export type CommandTable<M> = Readonly<Record<string, (machine: M, call: Call) => ReturnType<Handler>>>

/** A model as tables over one record: the parts and state of a machine `M`. */
export interface ModelTables<M> extends Pick<Model, 'events' | 'notAtStart' | 'inAnyState'> {
  /** Moves the state on to this tick and publishes the events of what changed. */
  readonly step?: (machine: M, at: Tick) => void
  /** Ticks from one step to the next; default 1, and 0 steps at each call, of which a tick may have several. */
  readonly stepTicks?: number
  readonly entered?: (machine: M, state: SummaryState, at: Tick) => void
  readonly telemetry?: TelemetryTable<M>
  readonly commands?: CommandTable<M>
}

/** Creates the model of one machine from its tables. */
export function createModel<M>(machine: M, tables: ModelTables<M>): Model {
  const { step, entered, telemetry = {}, commands = {}, stepTicks = 1, ...rest } = tables
  return {
    ...rest,
    ...(step && { advance: paced(stepTicks, at => step(machine, at)) }),
    ...(entered && { entered: (state, at) => entered(machine, state, at) }),
    telemetry: mapValues(
      telemetry,
      (fill): Fill =>
        (values, at) =>
          fill(machine, values, at)
    ),
    commands: mapValues(
      commands,
      (execute): Handler =>
        call =>
          execute(machine, call)
    )
  }
}

function paced(ticks: number, run: (at: Tick) => void): (at: Tick) => void {
  let last = -1
  return at => {
    if (at.tick - last < ticks) return
    last = at.tick
    run(at)
  }
}

const mapValues = <A, B>(table: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(table).map(([name, value]) => [name, change(value)]))
