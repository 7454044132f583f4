import type { CommandOptions } from '@meridian/client'
import type { WireError } from '@meridian/errors'
import { type ReadonlySignal, signal } from '@preact/signals'
import type { Announcer } from '../announcer.ts'
import type { Connection } from '../connection.ts'
import type { PageClock } from '../page-clock.ts'
import {
  type CommandEntry,
  STATE_LABELS,
  sentEntry,
  stateOf,
  withAccepted,
  withError,
  withStage
} from './command-entry.ts'

/** The commands this page has sent, newest first. */
export interface CommandLog {
  readonly entries: ReadonlySignal<readonly CommandEntry[]>
  /** Sends a command and follows it; resolves with the refusal, or with nothing once it is accepted. */
  send(command: CommandOptions): Promise<WireError | undefined>
}

const KEPT = 100

const wireOf = (caught: unknown): WireError => {
  if (typeof caught === 'object' && caught !== null && 'code' in caught && 'message' in caught)
    return caught as WireError
  return { code: 'GEN_INTERNAL', message: String(caught), canRetry: false }
}

/** What the log sends with, and who says aloud how a command ended. */
export interface CommandLogParts {
  readonly connection: Pick<Connection, 'command'>
  readonly clock: PageClock
  readonly announcer: Announcer
}

/** Creates an empty log, which keeps the newest 100 commands. */
export function createCommandLog({ connection, clock, announcer }: CommandLogParts): CommandLog {
  const entries = signal<readonly CommandEntry[]>([])
  const change = (id: string, with_: (entry: CommandEntry) => CommandEntry): void => {
    entries.value = entries.peek().map(entry => (entry.id === id ? with_(entry) : entry))
  }

  const announce = (id: string): void => {
    const entry = entries.peek().find(one => one.id === id)
    if (entry) announcer.say(`${entry.command} of ${entry.target}: ${STATE_LABELS[stateOf(entry)]}`)
  }

  return {
    entries,
    async send(command) {
      const handle = connection.command(command, {
        onStage: record => change(handle.id, entry => withStage(entry, record))
      })
      const { id } = handle
      const target = `${command.csc}:${command.index}`
      const sent = { id, target, command: command.command, params: command.params ?? {} }
      const entry = sentEntry(sent, clock.siteTai())
      entries.value = [entry, ...entries.peek()].slice(0, KEPT)
      const fail = (caught: unknown): WireError => {
        const error = wireOf(caught)
        change(id, held => withError(held, error))
        announce(id)
        return error
      }
      const refusal = await handle.accepted.then(accepted => {
        change(id, held => withAccepted(held, accepted))
        handle.done.then(() => announce(id), fail)
        return undefined
      }, fail)
      return refusal
    }
  }
}
