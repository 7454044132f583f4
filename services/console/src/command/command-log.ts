import type { CommandHandle, CommandOptions } from '@meridian/client'
import type { WireError } from '@meridian/errors'
import { type AckRecord, type CommandAccepted, isTerminal } from '@meridian/protocol/commands'
import { type ReadonlySignal, signal } from '@preact/signals'
import type { Announcer } from '../announcer.ts'
import { wireErrorOf } from '../api.ts'
import type { Connection } from '../connection.ts'
import type { PageClock } from '../page-clock.ts'
import { acceptByApi, followByApi } from './api-door.ts'
import {
  type CommandEntry,
  type Door,
  isSettled,
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
  /**
   * Sends a stop and follows it as `send` does. Where the gateway is away, or has not accepted it within a
   * second, the api is asked as well, under the same id.
   */
  sendStop(command: CommandOptions): Promise<WireError | undefined>
}

const KEPT = 100

/** So long the gateway is given to accept a stop before the api is asked as well, ms. */
const PATIENCE_MS = 1000

/** What the log sends with, and who says aloud how a command ended. */
export interface CommandLogParts {
  readonly connection: Pick<Connection, 'command' | 'health'>
  readonly clock: PageClock
  readonly announcer: Announcer
}

/** An acceptance, and the door that told it. */
interface Taken {
  readonly accepted: CommandAccepted
  readonly door: Door
}

/** The refusal of the api says more than that the gateway was not there to refuse. */
function refusalOf(caught: unknown): WireError {
  if (!(caught instanceof AggregateError)) return wireErrorOf(caught)
  const [ofGateway, ofApi] = caught.errors
  return wireErrorOf(ofApi ?? ofGateway)
}

/** Creates an empty log, which keeps the newest 100 commands. */
export function createCommandLog({ connection, clock, announcer }: CommandLogParts): CommandLog {
  const entries = signal<readonly CommandEntry[]>([])

  function change(id: string, with_: (entry: CommandEntry) => CommandEntry): void {
    entries.value = entries.peek().map(entry => (entry.id === id ? with_(entry) : entry))
  }

  const find = (id: string): CommandEntry | undefined => entries.peek().find(one => one.id === id)

  function announce(id: string): void {
    const entry = find(id)
    if (entry) announcer.say(`${entry.command} of ${entry.target}: ${STATE_LABELS[stateOf(entry)]}`)
  }

  function addStage(id: string, stage: AckRecord): void {
    const before = find(id)
    if (before === undefined || isSettled(before)) return
    change(id, entry => withStage(entry, stage))
    if (isTerminal(stage.state)) announce(id)
  }

  function fail(id: string, error: WireError): WireError {
    change(id, held => withError(held, error))
    announce(id)
    return error
  }

  function begin(command: CommandOptions): CommandHandle {
    const handle = connection.command(command, { onStage: stage => addStage(handle.id, stage) })
    const target = `${command.csc}:${command.index}`
    const sent = { id: handle.id, target, command: command.command, params: command.params ?? {} }
    entries.value = [sentEntry(sent, clock.siteTai()), ...entries.peek()].slice(0, KEPT)
    return handle
  }

  /** Waits for the first door that takes the command; resolves with the refusal where none does. */
  async function settle(id: string, taking: Promise<Taken>): Promise<Taken | WireError> {
    try {
      const taken = await taking
      change(id, held => withAccepted(held, taken.accepted, taken.door))
      return taken
    } catch (caught) {
      return fail(id, refusalOf(caught))
    }
  }

  const byGateway = ({ accepted }: CommandHandle): Promise<Taken> =>
    accepted.then(answer => ({ accepted: answer, door: 'gateway' }))

  const isLinkSound = (): boolean => connection.health.peek().kind === 'sound'

  return {
    entries,
    async send(command) {
      const handle = begin(command)
      const taken = await settle(handle.id, byGateway(handle))
      if (!('door' in taken)) return taken
      handle.done.catch(caught => fail(handle.id, wireErrorOf(caught)))
      return undefined
    },
    async sendStop(command) {
      const handle = begin(command)
      const { id } = handle
      const asking = new AbortController()
      const giveUp = (): void => asking.abort()
      handle.accepted.then(giveUp, giveUp)
      const afterMs = isLinkSound() ? PATIENCE_MS : 0
      const api = acceptByApi({ ...command, id }, { afterMs, signal: asking.signal })
      const byApi = api.then((accepted): Taken => ({ accepted, door: 'api' }))
      const taken = await settle(id, Promise.any([byGateway(handle), byApi]))
      if (!('door' in taken)) return taken
      const followed = new AbortController()
      const follow = (): void => followByApi(id, stage => addStage(id, stage), followed.signal)
      if (taken.door === 'api') follow()
      handle.done.then(
        () => followed.abort(),
        () => taken.door === 'gateway' && follow()
      )
      return undefined
    }
  }
}
