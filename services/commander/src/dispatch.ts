import type { Broker, PartitionMessage } from '@meridian/broker'
import { type AckRecord, type IntakeRecord, parseIntakeRecord, readRecord } from '@meridian/protocol/commands'
import { utcMsOf } from '@meridian/time'
import type { Logger } from 'pino'
import { type AckChain, createAckChain } from './ack-chain.ts'
import type { CommandTraces } from './command-traces.ts'
import { type CommandRef, type ExecutionContext, stampOf } from './execution.ts'
import type { Executions } from './executions.ts'
import type { RecordLog } from './record-log.ts'

/** The parts of a commander that every dispatch uses; `signal` ends its retries. */
export interface DispatchContext {
  readonly broker: Broker
  readonly site: string
  readonly log: Logger
  readonly executions: Executions
  readonly traces: CommandTraces
  readonly executionContext: ExecutionContext
  readonly onBadIntake: RecordLog['onBadIntake']
  readonly signal: AbortSignal
}

/**
 * Dispatches one accepted command of a partition [docs/commands.md#dispatch]: writes `dispatching`, which
 * succeeds for one commander only, sends the command once and acknowledges the partition's message at once,
 * so that a `stop` need not wait for the end of a move. Past `notAfter` it writes `expired` and sends
 * nothing. A command that was dispatched before is never sent again; the commander that adopts it follows it
 * to its end.
 */
export async function dispatchCommand(context: DispatchContext, message: PartitionMessage): Promise<void> {
  const intake = readRecord(parseIntakeRecord, message, err => context.onBadIntake(message.subject, err))
  const start = intake && (await claim(context, intake, message))
  // One after the other without a wait in between, so that both go to the broker in one write.
  start?.()
  await message.ack()
}

/** Sends a claimed command to its component. */
type Start = () => void

/** Writes `dispatching`; undefined where the command must not be sent: it is late, or was dispatched before. */
async function claim(
  context: DispatchContext,
  intake: IntakeRecord,
  message: PartitionMessage
): Promise<Start | undefined> {
  const { broker, log, signal, executionContext } = context
  const { onWriteFailed } = executionContext
  const { id, csc, index } = intake
  const command: CommandRef = { id, csc, index, command: intake.command }
  const chain = createAckChain({ broker, target: intake, id, lastSeq: 0, onWriteFailed, signal })
  if (isLate(context, intake)) return expire(context, { chain, command })
  const dispatching: AckRecord = { ...stampOf(executionContext, command), state: 'dispatching' }
  if ((await chain.write(dispatching)) === 'taken') {
    log.warn({ id, deliveries: message.deliveries }, 'dispatched before, not sent again')
    return undefined
  }
  context.traces.begin(command, message)
  executionContext.onStage(dispatching)
  // The write may have waited for the broker.
  if (isLate(context, intake)) return expire(context, { chain, command })
  return () => send(context, intake, { chain, command })
}

interface Claimed {
  readonly chain: AckChain
  readonly command: CommandRef
}

function send(
  { executions, executionContext, traces }: DispatchContext,
  intake: IntakeRecord,
  { chain, command }: Claimed
): void {
  executions.open({
    command,
    chain,
    leftMs: executionContext.replyMs,
    adopted: false
  })
  executions.send(intake, traces.headersFor(intake.id))
}

const isLate = ({ executionContext }: DispatchContext, { notAfter }: IntakeRecord): boolean =>
  executionContext.clock.nowMs() > utcMsOf(notAfter)

async function expire(
  { executionContext }: DispatchContext,
  { chain, command }: { chain: AckChain; command: CommandRef }
): Promise<undefined> {
  const record: AckRecord = {
    ...stampOf(executionContext, command),
    state: 'expired',
    result: 'not sent: notAfter passed before it could be dispatched'
  }
  if ((await chain.write(record)) === 'written') executionContext.onStage(record)
  return undefined
}
