import { type Broker, type BrokerMessage, type BrokerSubscription, createRarely } from '@meridian/broker'
import { isTerminal, parseExecReply } from '@meridian/protocol/commands'
import type { Metrics } from '@meridian/service'
import { execRepliesOf, readSubject } from '@meridian/subjects'
import type { Logger } from 'pino'
import { createExecution, type Execution, type ExecutionContext, type ExecutionOptions } from './execution.ts'
import { LOG_EVERY_MS } from './record-log.ts'
import { type Stage, stageOf } from './records.ts'

/** The executions of this commander, and the one subscription on which components answer. */
export interface Executions {
  /** Subscribes to the answers; call it before the first dispatch. */
  start(): void
  /**
   * Starts an execution. A terminal answer that arrived before, while the command's own commander was lost,
   * ends it at once.
   */
  open(options: ExecutionOptions): void
  has(id: string): boolean
  size(): number
  /** Waits until all have ended, at most `limitMs`; releases the rest and returns them. */
  drain(limitMs: number): Promise<readonly Execution[]>
  stop(): void
}

/** Where answers arrive, and the context that every execution gets. */
export interface ExecutionsOptions {
  readonly broker: Broker
  readonly site: string
  readonly log: Logger
  readonly context: ExecutionContext
  readonly metrics: Metrics
  /** Called when nothing more will be written of a command, whether it has come to its end or was left to another commander. */
  readonly onEnded: (id: string) => void
}

/**
 * Terminal answers to other commanders' commands kept at most, in case their commander is lost; the oldest go
 * first.
 */
const MAX_EARLY_ENDS = 5_000

/** Creates an empty set of executions; nothing is subscribed before `start`. */
export function createExecutions(options: ExecutionsOptions): Executions {
  const { broker, site, log, metrics, context, onEnded } = options
  const executions = new Map<string, Execution>()
  const earlyEnds = new Map<string, Stage>()
  const rarely = createRarely({ everyMs: LOG_EVERY_MS })
  let subscription: BrokerSubscription | undefined

  function onReply(message: BrokerMessage): void {
    const to = readSubject(message.subject)
    if (to?.class !== '_INBOX_cmdr') return
    const { id } = to
    const execution = executions.get(id)
    if (message.noResponders) {
      execution?.offline()
      return
    }
    const stage = readStage(id, message.data)
    if (stage === undefined) return
    if (execution === undefined) remember(id, stage)
    else if (!execution.reply(stage)) metrics.counter('meridian_commander_late_replies_total').inc()
  }

  function readStage(id: string, data: Uint8Array): Stage | undefined {
    try {
      return stageOf(parseExecReply(data))
    } catch (err) {
      metrics.counter('meridian_commander_bad_replies_total').inc()
      rarely('bad reply', times =>
        log.warn({ err, id, bytes: data.length, times }, 'answer of a component is no acknowledgement')
      )
      return undefined
    }
  }

  function remember(id: string, stage: Stage): void {
    if (!isTerminal(stage.state)) return
    const [oldest] = earlyEnds.keys()
    if (earlyEnds.size >= MAX_EARLY_ENDS && oldest !== undefined) earlyEnds.delete(oldest)
    earlyEnds.set(id, stage)
  }

  return {
    start() {
      subscription = broker.subscribe(execRepliesOf(site), onReply)
    },
    open(executionOptions) {
      const { id } = executionOptions.command
      const execution = createExecution(context, executionOptions)
      executions.set(id, execution)
      void execution.ended.then(() => {
        executions.delete(id)
        onEnded(id)
      })
      const end = earlyEnds.get(id)
      if (end !== undefined) execution.reply(end)
      earlyEnds.delete(id)
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
    stop: () => subscription?.unsubscribe()
  }
}
