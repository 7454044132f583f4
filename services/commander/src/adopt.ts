import type { Broker } from '@meridian/broker'
import type { Clock } from '@meridian/time'
import type { Logger } from 'pino'
import { createAckChain } from './ack-chain.ts'
import type { CommandTraces } from './command-traces.ts'
import type { CommanderRegistry } from './commander-registry.ts'
import { deadlineOf } from './execution.ts'
import type { Executions } from './executions.ts'
import type { OpenCommand, OpenCommands } from './open-commands.ts'
import type { RecordLog } from './record-log.ts'

/**
 * What adoption reads (open commands, live commanders) and where it executes the commands that it takes over.
 */
export interface AdoptContext {
  readonly broker: Broker
  readonly site: string
  readonly log: Logger
  readonly open: OpenCommands
  readonly commanders: CommanderRegistry
  readonly executions: Executions
  readonly traces: Pick<CommandTraces, 'adopt'>
  readonly clock: Pick<Clock, 'nowMs'>
  readonly replyMs: number
  readonly onWriteFailed: RecordLog['onWriteFailed']
  readonly signal: AbortSignal
}

/**
 * Takes over every dispatched command whose commander fell silent [docs/commands.md#a-lost-commander]. An
 * answer that comes later, or came in between, ends the command; at its deadline it becomes `unknown`. It is
 * never sent again. Several commanders may adopt the same command, but only one of them can write the next
 * stage. Returns the number of commands taken over.
 */
export function adoptOrphans(context: AdoptContext): number {
  let adopted = 0
  for (const command of context.open.list()) if (adopt(context, command)) adopted++
  return adopted
}

function adopt(context: AdoptContext, { id, last, lastSeq }: OpenCommand): boolean {
  const { broker, site, log, executions, traces, clock, replyMs, onWriteFailed, signal } = context
  if (last === undefined || executions.has(id) || !context.commanders.isSilent(last.boot)) return false
  log.warn({ id, csc: last.csc, index: last.index, from: last.commander }, 'command adopted')
  const { csc, index } = last
  const command = { id, csc, index, command: last.command }
  traces.adopt(command)
  executions.open({
    command,
    chain: createAckChain({ broker, target: { site, csc, index }, id, lastSeq, onWriteFailed, signal }),
    leftMs: deadlineOf(last, replyMs) - clock.nowMs(),
    adopted: true,
    last
  })
  return true
}
