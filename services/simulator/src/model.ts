import type { EventLine, Values } from './line.ts'
import type { Moment } from './moment.ts'
import type { SummaryState } from './summary-state.ts'

/** Python's log levels, as SAL has them. */
export const LEVEL = { debug: 10, info: 20, warning: 30, error: 40, critical: 50 } as const
export type Level = keyof typeof LEVEL

/** What a model is given by the component it plays: its voice and its state. */
export interface Stage {
  readonly csc: string
  readonly index: number
  /** Seed of this instance. */
  readonly seed: number
  state(): SummaryState
  event(topic: string): EventLine
  /** Value of an enumeration's item; 0 where the catalogue has no such item. */
  valueOf(enumeration: string, item: string): number
  say(level: Level, message: string, at: Moment): void
  /** Goes to FAULT by itself: errorCode, then summaryState. */
  fault(code: number, report: string, at: Moment): void
}

export type Params = Readonly<Record<string, unknown>>

/** Work that a command began and that goes on. */
export interface Work {
  /** About how long it takes, seconds; told as the timeout of CMD_INPROGRESS. */
  readonly seconds: number
  /** Newer work of the same group replaces this one, and `abort(group)` ends it. */
  readonly group?: string
  /** True when it is complete; throws `refuse(...)` when it failed. */
  done(at: Moment): boolean
  /** The result of CMD_COMPLETE; `Done` where absent. */
  result?(): string
}

/** One command being executed. */
export interface Call {
  readonly at: Moment
  readonly params: Params
  /** Ends running work of a group with CMD_ABORTED. */
  abort(group: string, why: string): void
}

/** Executes a command: nothing or text (the result) when it is done at once, work when it goes on; throws `refuse(...)`. */
export type Handler = (call: Call) => Work | string | undefined

/** Writes the values that the model knows of a telemetry topic, the same names at each call. */
export type Fill = (values: Values, at: Moment) => void

/** What makes a component more than its catalogue entry. Topics and commands that a model does not name are generic. */
export interface Model {
  /** Runs the physics up to a moment; called before telemetry is filled and at least 20 times a second. */
  advance?(at: Moment): void
  readonly telemetry?: Readonly<Record<string, Fill>>
  /** Values of events at start, over the generic ones. */
  readonly events?: Readonly<Record<string, Readonly<Values>>>
  /** Events that are not sent at start: they tell of something that happened. */
  readonly quiet?: readonly string[]
  readonly commands?: Readonly<Record<string, Handler>>
  /** After each change of the summary state. */
  entered?(state: SummaryState, at: Moment): void
  /** Commands that are allowed in any state. */
  readonly always?: readonly string[]
}
