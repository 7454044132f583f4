import { type Broker, lastMessage, readStream } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import {
  type AckRecord,
  type CommandHistory,
  type IntakeRecord,
  isTerminal
} from '@meridian/protocol/commands'
import { ackByIdOf, ackOf, intakeByIdOf } from '@meridian/subjects'

const COMMANDS = 'COMMANDS'
const READ = { maxMessages: 2_000, maxBytes: 8_388_608, timeoutMs: 3_000 }
const decoder = new TextDecoder()

/** The record of one command, from the stream. Throws CMD_NOT_FOUND. */
export async function readCommand(broker: Broker, site: string, id: string): Promise<CommandHistory> {
  const accepted = await lastMessage(broker, COMMANDS, intakeByIdOf(site, id))
  if (accepted === undefined) throw new AppError('CMD_NOT_FOUND', { id })
  const intake = parse<IntakeRecord>(accepted.data)
  const stages: AckRecord[] = []
  const from = { seq: accepted.seq + 1 }
  for await (const { data } of readStream(broker, {
    stream: COMMANDS,
    subjects: [ackOf(intake, id)],
    from,
    ...READ
  }))
    stages.push(parse<AckRecord>(data))
  return { id, state: stages.at(-1)?.state ?? 'accepted', intake, stages }
}

const parse = <T>(data: Uint8Array): T => JSON.parse(decoder.decode(data)) as T

/** Hears the end of a command. */
export interface EndWatch {
  /** Resolves true at the end, false after `waitMs` or when `signal` says so. */
  wait(waitMs: number, signal: AbortSignal): Promise<boolean>
  stop(): void
}

/** Begins to listen for the end of a command; before it is asked for, so that no end is missed. */
export function watchEnd(broker: Broker, site: string, id: string): EndWatch {
  let ended = false
  let tell = (): void => {}
  const subscription = broker.subscribe(ackByIdOf(site, id), message => {
    const { state } = parse<AckRecord>(message.data)
    if (!isTerminal(state)) return
    ended = true
    tell()
  })
  return {
    wait(waitMs, signal) {
      if (ended || signal.aborted) return Promise.resolve(ended)
      return new Promise(resolve => {
        const timer = setTimeout(() => tell(), waitMs)
        tell = () => {
          clearTimeout(timer)
          resolve(ended)
        }
        signal.addEventListener('abort', () => tell(), { once: true })
      })
    },
    stop: () => subscription.unsubscribe()
  }
}
