import { createRarely } from '@meridian/broker'
import { type IntakeRecord, isTerminal } from '@meridian/protocol/commands'
import { type Metrics, type Readiness, ready, type ServiceContext } from '@meridian/service'
import type { Logger } from 'pino'
import { createExecution, type Execution, type ExecutionContext, type ExecutionOptions } from './execution.ts'
import { LOG_EVERY_MS } from './record-log.ts'
import type { Stage } from './records.ts'
import type { SendOptions, Sink, SinkHandlers } from './sinks/sink.ts'

/** The executions of this commander, and the sink by which components are told and answer. */
export interface Executions {
  /** Begins to hear answers; to be awaited before the first dispatch. */
  start(context: ServiceContext): Promise<void>
  /**
   * Starts an execution. An answer that arrived before, while the command's own commander was lost, counts: an end
   * ends it at once.
   */
  open(options: ExecutionOptions): void
  /** Sends a command that was opened, once. */
  send(intake: IntakeRecord, options: SendOptions): void
  has(id: string): boolean
  size(): number
  /** Waits until all have ended, at most `limitMs`; releases the rest and returns them. */
  drain(limitMs: number): Promise<readonly Execution[]>
  stop(): Promise<void>
  readiness(): Readiness
}

/** Where commands go, and the context that every execution gets. */
export interface ExecutionsOptions {
  readonly sink: Sink
  readonly log: Logger
  readonly context: ExecutionContext
  readonly metrics: Metrics
  /** Called when nothing more will be written of a command, whether it has come to its end or was left to another commander. */
  readonly onEnded: (id: string) => void
}

/** Commands of other commanders whose last answer is kept at most, in case their commander is lost; the oldest go first. */
const MAX_EARLY = 5_000

/** Creates an empty set of executions; nothing is subscribed before `start`. */
export function createExecutions(options: ExecutionsOptions): Executions {
  const { sink, log, metrics, context, onEnded } = options
  const executions = new Map<string, Execution>()
  const early = new Map<string, Stage>()
  const rarely = createRarely({ everyMs: LOG_EVERY_MS })

  function onStage(id: string, stage: Stage): void {
    const execution = executions.get(id)
    if (execution === undefined) remember(id, stage)
    else if (!execution.reply(stage)) metrics.counter('meridian_commander_late_replies_total').inc()
  }

  /** Of another commander's command the last acknowledgement is kept, and its end in any case. */
  function remember(id: string, stage: Stage): void {
    const before = early.get(id)
    if (before !== undefined && isTerminal(before.state)) return
    const [oldest] = early.keys()
    if (early.size >= MAX_EARLY && oldest !== undefined) early.delete(oldest)
    early.set(id, stage)
  }

  const handlers: SinkHandlers = {
    onStage,
    onNotSent: (id, why) => executions.get(id)?.notSent(why),
    onBadReply(err, facts) {
      metrics.counter('meridian_commander_bad_replies_total').inc()
      rarely('bad reply', times =>
        log.warn({ err, ...facts, times }, 'answer of a component is no acknowledgement')
      )
    },
    onFailure(code, why) {
      metrics.counter('meridian_commander_sink_failures_total').inc()
      rarely(code, times => log.warn({ code, why, times }, 'commands are not carried as they should be'))
    }
  }

  return {
    start: context => sink.start(context, handlers),
    send: (intake, options) => sink.send(intake, options),
    open(executionOptions) {
      const { id } = executionOptions.command
      const execution = createExecution(context, executionOptions)
      executions.set(id, execution)
      void execution.ended.then(() => {
        executions.delete(id)
        onEnded(id)
      })
      const heard = early.get(id)
      if (heard !== undefined && isNews(heard, executionOptions)) execution.reply(heard)
      early.delete(id)
    },
    has: id => executions.has(id),
    size: () => executions.size,
    async drain(limitMs) {
      const open = [...executions.values()]
      let timer: NodeJS.Timeout | undefined
      const limit = new Promise(resolve => {
        timer = setTimeout(resolve, limitMs)
      })
      await Promise.race([Promise.all(open.map(one => one.ended)), limit])
      clearTimeout(timer)
      const left = [...executions.values()]
      for (const execution of left) execution.release()
      return left
    },
    stop: () => sink.stop(),
    readiness: () => sink.readiness?.() ?? ready
  }
}

/** Whether what was heard of a command says more than its record: its own commander may have been lost before it wrote that. */
const isNews = (heard: Stage, { last }: ExecutionOptions): boolean =>
  isTerminal(heard.state) ||
  (last !== undefined &&
    (heard.ack !== last.ack || heard.result !== last.result || heard.timeoutSeconds !== last.timeoutSeconds))
