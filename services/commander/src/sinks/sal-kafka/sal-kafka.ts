import { setTimeout } from 'node:timers/promises'
import { AppError } from '@meridian/errors'
import type { IntakeRecord } from '@meridian/protocol/commands'
import { createRegistry, type LogReader, salAccessOf } from '@meridian/sal'
import { createLogWriter, type LogWriter } from '@meridian/sal/writing'
import { notReady, ready } from '@meridian/service'
import { systemClock, utcMsOf } from '@meridian/time'
import type { Sink, SinkHandlers, SinkOptions } from '../sink.ts'
import { createAcknowledgements } from './acknowledgements.ts'
import { createCommandRecords } from './command-records.ts'

/** An open command may be as old as a day: its answers are read again at the start. */
const LOOK_BACK_MS = 86_400_000
const PAUSE_MS = 1_000
/** Kafka that is silent for so long is told of. */
const SILENT_MS = 10_000

/**
 * Sends commands to components that speak SAL on Kafka, and reads what they acknowledge [docs/sal.md#commands]. Each
 * command has an identity of its own, by which every commander knows the answers to it. Throws CFG_INVALID for settings
 * that contradict each other.
 */
export function createSalKafkaSink({ catalogue, config }: SinkOptions): Sink {
  const access = salAccessOf(config, 'meridian-commander')
  const registry = createRegistry(access.registry)
  const records = createCommandRecords({ registry, catalogue, subname: access.subname, clock: systemClock })
  const ending = new AbortController()
  const turns = new Map<string, Promise<void>>()
  let writer: LogWriter | undefined
  let reader: LogReader | undefined
  let handlers: SinkHandlers | undefined

  const write = async (intake: IntakeRecord): Promise<void> => {
    const record = await records.of(intake).catch(error => tellNotSent(intake, error, handlers))
    if (record === undefined) return
    // The registry may have let it wait.
    if (systemClock.nowMs() > utcMsOf(intake.notAfter))
      return handlers?.onNotSent(intake.id, 'not sent: notAfter passed before it could be written')
    // Whether it was written is not known then: what the component answers, or its silence, decides.
    await writer?.write(record).catch((error: AppError) => handlers?.onFailure(error.code, error.message))
  }

  return {
    name: 'sal-kafka',
    async start(_context, given) {
      handlers = given
      writer = createLogWriter(access.kafka)
      const sinceMs = systemClock.nowMs() - LOOK_BACK_MS
      const options = { access, registry, catalogue, sinceMs, handlers, stopping: ending.signal }
      reader = createAcknowledgements(options)
      await begin(reader, given, ending.signal)
    },
    send(intake) {
      const component = `${intake.csc}:${intake.index}`
      const turn = (turns.get(component) ?? Promise.resolve()).then(() => write(intake))
      turns.set(component, turn)
      void turn.then(() => turns.get(component) === turn && turns.delete(component))
    },
    async stop() {
      ending.abort()
      await Promise.all(turns.values())
      await Promise.all([reader?.stop(), writer?.close()])
    },
    readiness() {
      const silentMs = reader?.silentMs() ?? 0
      return silentMs > SILENT_MS ? notReady(`Kafka is silent for ${Math.round(silentMs / 1000)} s`) : ready
    }
  }
}

/** Tries until Kafka is there. */
async function begin(reader: LogReader, { onFailure }: SinkHandlers, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted)
    try {
      return await reader.start()
    } catch (caught) {
      const { code, message } = AppError.from(caught)
      onFailure(code, message)
      await setTimeout(PAUSE_MS, undefined, { signal: stopping }).catch(() => undefined)
    }
}

function tellNotSent(
  { id, csc }: IntakeRecord,
  error: unknown,
  handlers: SinkHandlers | undefined
): undefined {
  const { code, message } = AppError.from(error)
  const why = code === 'SAL_NO_SCHEMA' ? `${csc} has registered no such command` : message
  handlers?.onNotSent(id, `not sent: ${why}`)
  if (code === 'SAL_REGISTRY') handlers?.onFailure(code, message)
  return undefined
}
