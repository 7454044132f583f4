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
  isLost,
  isOpenError,
  isSettled,
  STATE_LABELS,
  sentEntry,
  stateOf,
  withAccepted,
  withError,
  withoutRecord,
  withRecord,
  withStage
} from './command-entry.ts'
import { keepCommands, recallCommands } from './kept-commands.ts'
import { lookUp } from './look-up.ts'

/**
 * The commands this tab has sent, newest first, those of before a reload too. What no door answered, or what can
 * no longer be followed over the socket, is looked up in the record until that says what happened.
 */
export interface CommandLog {
  readonly entries: ReadonlySignal<readonly CommandEntry[]>
  /** Takes up what this tab sent before the page was loaded again, and keeps what it sends from now on. */
  start(): void
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

/**
 * Why no door took it. The refusal of the api says more than that the gateway was not there to refuse; that the
 * api did not answer in time says less than the gateway, which knows that no commander did. A refusal that may
 * pass says nothing of what the gateway was given before and did not answer.
 */
function refusalOf(caught: unknown): WireError {
  if (!(caught instanceof AggregateError)) return wireErrorOf(caught)
  const [ofGateway, ofApi] = caught.errors
  const gateway = wireErrorOf(ofGateway ?? ofApi)
  const api = ofApi === undefined ? gateway : wireErrorOf(ofApi)
  const isOpen = api.canRetry && isOpenError(gateway)
  return isOpen || api.code === 'CON_API_UNREACHABLE' ? gateway : api
}

/** True once nothing that the record tells can come any more. */
const isEnded = (entry: CommandEntry): boolean => isSettled(entry) && !isLost(stateOf(entry))

/** The entries of a log, and what happens to them. */
interface Entries {
  readonly all: ReadonlySignal<readonly CommandEntry[]>
  add(entry: CommandEntry): void
  /** Adds what was sent before the page was loaded again; what had not ended is looked up. */
  takeUp(earlier: readonly CommandEntry[]): void
  accept(id: string, taken: Taken): void
  addStage(id: string, stage: AckRecord): void
  /** Returns the error. What is lost from sight by it is looked up. */
  fail(id: string, error: WireError): WireError
}

function createEntries(announcer: Announcer): Entries {
  const all = signal<readonly CommandEntry[]>([])
  const find = (id: string): CommandEntry | undefined => all.peek().find(one => one.id === id)

  function change(id: string, with_: (entry: CommandEntry) => CommandEntry): void {
    all.value = all.peek().map(entry => (entry.id === id ? with_(entry) : entry))
  }

  function announce(id: string): void {
    const entry = find(id)
    if (entry) announcer.say(`${entry.command} of ${entry.target}: ${STATE_LABELS[stateOf(entry)]}`)
  }

  function addStage(id: string, stage: AckRecord): void {
    const before = find(id)
    if (before === undefined || isEnded(before)) return
    change(id, entry => withStage(entry, stage))
    if (isTerminal(stage.state)) announce(id)
  }

  function seek(id: string): void {
    lookUp(id, {
      onRecord(history) {
        change(id, entry => withRecord(entry, history))
        if (isTerminal(history.state)) announce(id)
      },
      onNone() {
        change(id, withoutRecord)
        announce(id)
      }
    })
  }

  return {
    all,
    add(entry) {
      all.value = [entry, ...all.peek()].slice(0, KEPT)
    },
    takeUp(earlier) {
      all.value = [...all.peek(), ...earlier]
      for (const entry of earlier) if (!isEnded(entry)) seek(entry.id)
    },
    accept: (id, { accepted, door }) => change(id, held => withAccepted(held, accepted, door)),
    addStage,
    fail(id, error) {
      change(id, held => withError(held, error))
      announce(id)
      const failed = find(id)
      if (failed !== undefined && isLost(stateOf(failed))) seek(id)
      return error
    }
  }
}

const byGateway = ({ accepted }: CommandHandle): Promise<Taken> =>
  accepted.then(answer => ({ accepted: answer, door: 'gateway' }))

/** Waits for the first door that takes a stop. The api is asked after a while, until the gateway has answered. */
function byEither(handle: CommandHandle, command: CommandOptions, afterMs: number): Promise<Taken> {
  const asking = new AbortController()
  const giveUp = (): void => asking.abort()
  handle.accepted.then(giveUp, giveUp)
  const api = acceptByApi({ ...command, id: handle.id }, { afterMs, signal: asking.signal })
  return Promise.any([byGateway(handle), api.then((accepted): Taken => ({ accepted, door: 'api' }))])
}

/** Creates an empty log, which keeps the newest 100 commands. */
export function createCommandLog({ connection, clock, announcer }: CommandLogParts): CommandLog {
  const entries = createEntries(announcer)

  function begin(command: CommandOptions): CommandHandle {
    const handle = connection.command(command, { onStage: stage => entries.addStage(handle.id, stage) })
    const target = `${command.csc}:${command.index}`
    const sent = { id: handle.id, target, command: command.command, params: command.params ?? {} }
    entries.add(sentEntry(sent, clock.siteTai()))
    return handle
  }

  /** Waits until a door takes the command; resolves with the refusal where none does. */
  async function settle(id: string, taking: Promise<Taken>): Promise<Taken | WireError> {
    try {
      const taken = await taking
      entries.accept(id, taken)
      return taken
    } catch (caught) {
      return entries.fail(id, refusalOf(caught))
    }
  }

  /** The record tells the stages wherever the socket does not. */
  function followStop({ id, done }: CommandHandle, door: Door): void {
    const followed = new AbortController()
    const follow = (): void => followByApi(id, stage => entries.addStage(id, stage), followed.signal)
    if (door === 'api') follow()
    done.then(
      () => followed.abort(),
      () => door === 'gateway' && follow()
    )
  }

  return {
    entries: entries.all,
    start() {
      entries.takeUp(recallCommands())
      entries.all.subscribe(all => keepCommands(all))
    },
    async send(command) {
      const handle = begin(command)
      const taken = await settle(handle.id, byGateway(handle))
      if (!('door' in taken)) return taken
      handle.done.catch(caught => entries.fail(handle.id, wireErrorOf(caught)))
      return undefined
    },
    async sendStop(command) {
      const handle = begin(command)
      const afterMs = connection.health.peek().kind === 'sound' ? PATIENCE_MS : 0
      const taken = await settle(handle.id, byEither(handle, command, afterMs))
      if (!('door' in taken)) return taken
      followStop(handle, taken.door)
      return undefined
    }
  }
}
