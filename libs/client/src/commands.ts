import type { WireError } from '@meridian/errors'
import {
  type AckRecord,
  COMMAND_LIMITS,
  type CommandAccepted,
  isAckRecord,
  isTerminal
} from '@meridian/protocol/commands'
import {
  type CommandRequest,
  type ControlRecord,
  findRequestProblem,
  type PatternRequest
} from '@meridian/protocol/live'
import { joinSubject } from '@meridian/subjects'
import { ClientError, type SdkCode, sdkError } from './client-error.ts'
import type { Clock } from './clock.ts'
import { guarded } from './registry.ts'
import type {
  CommandHandle,
  CommandHandlers,
  CommandOptions,
  Subscription,
  SubscriptionHandlers
} from './types.ts'
import { ulid } from './ulid.ts'

/**
 * Commands on their way.
 *
 * held: no gateway yet; the subscription to its stages cannot be named before the site is known.
 * listening: the subscription is asked for; the command goes out when it is live, so that no stage can be
 * missed. asked: sent on connection `on`, not answered. A new connection sends it again under the same id,
 * until its time is up. followed: accepted; its stages arrive. ended: a final stage, a refusal, or an error;
 * the subscription is gone.
 */
export interface Commands {
  run(options: CommandOptions, handlers: CommandHandlers): CommandHandle
  /** A connection is the active one now. */
  onActive(): void
  onAnswer(record: Extract<ControlRecord, { op: 'command' }>): void
  /** The gateway refused the frame itself. */
  onRefused(id: string, error: WireError): void
  /** Ends all that are under way: nobody will hear of them here any more. */
  closeAll(error?: WireError | undefined): void
}

/** What commands need of the client. */
export interface CommandsOptions {
  readonly clock: Clock
  site(): string | undefined
  /** Number of the active connection; undefined while there is none. */
  active(): number | undefined
  send(frame: CommandRequest): void
  subscribe(patterns: readonly PatternRequest[], handlers: SubscriptionHandlers): Subscription
}

type Phase =
  | { readonly kind: 'held' }
  | { readonly kind: 'listening'; readonly stages: Subscription }
  | { readonly kind: 'asked'; readonly stages: Subscription; readonly on: number }
  | { readonly kind: 'followed'; readonly stages: Subscription }
  | { readonly kind: 'ended' }

interface Running {
  onActive(): void
  onAccepted(accepted: CommandAccepted): void
  onRefused(error: WireError): void
  onError(error: WireError): void
}

/**
 * Answers that leave open whether the command was accepted: the same id is asked again, as after a lost
 * connection.
 */
const OPEN_ANSWERS: ReadonlySet<string> = new Set(['BRK_TIMEOUT', 'BRK_UNAVAILABLE'])
const ASK_AGAIN_MS = 1000
/** How long the answer that accepts may come behind the stages: it alone has a stop's warning. */
const LATE_ANSWER_MS = 1000

/** Creates the commands of a client, none running. */
export function createCommands(options: CommandsOptions): Commands {
  const running = new Map<string, Running>()
  return {
    run(command, handlers) {
      const id = command.id?.toLowerCase() ?? ulid(options.clock.nowMs())
      const accepted = deferred<CommandAccepted>()
      const done = deferred<AckRecord>()
      const handle = { id, accepted: accepted.promise, done: done.promise }
      const request = requestOf(id, command)
      const problem = findRequestProblem(request)
      if (problem !== undefined) {
        const error = new ClientError(sdkError('SDK_BAD_COMMAND', { property: problem.property }))
        accepted.reject(error)
        done.reject(error)
        return handle
      }
      const settle = { accepted, done, ended: () => running.get(id) === one && running.delete(id) }
      const one = createRunning(options, request, handlers, settle)
      running.set(id, one)
      one.onActive()
      return handle
    },
    onActive() {
      for (const one of [...running.values()]) one.onActive()
    },
    onAnswer(record) {
      const one = running.get(record.id)
      if ('error' in record) one?.onRefused(record.error)
      else one?.onAccepted(record.accepted)
    },
    onRefused: (id, error) => running.get(id)?.onError(error),
    closeAll(error = sdkError('SDK_CLOSED')) {
      for (const one of [...running.values()]) one.onError(error)
    }
  }
}

function requestOf(id: string, command: CommandOptions): CommandRequest {
  const { csc, index, command: name, params = {}, notAfterSeconds } = command
  const request = { op: 'command', id, csc, index, command: name, params } as const
  return notAfterSeconds === undefined ? request : { ...request, notAfterSeconds }
}

interface Settle {
  readonly accepted: Deferred<CommandAccepted>
  readonly done: Deferred<AckRecord>
  ended(): unknown
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a state machine of short functions, as that of the connection.
function createRunning(
  options: CommandsOptions,
  request: CommandRequest,
  handlers: CommandHandlers,
  settle: Settle
): Running {
  const lifeSeconds = request.notAfterSeconds ?? COMMAND_LIMITS.defaultNotAfterSeconds
  const cancelDeadline = options.clock.after(lifeSeconds * 1000, onDeadline)
  let cancelWait = (): void => undefined
  /** Gives the answer that is late; undefined where none is. */
  let late: (() => void) | undefined
  let phase: Phase = { kind: 'held' }
  let wasSent = false
  /**
   * The record of stages has a hole: without a stage in the snapshot that follows, the end may have been in
   * it.
   */
  let isHoled = false

  function listen(site: string): void {
    const pattern = ackSubjectOf(site, request)
    // The subscription may answer at once, so the phase is there before it.
    let stages: Subscription | undefined
    phase = { kind: 'listening', stages: { close: () => stages?.close(), update: () => undefined } }
    stages = options.subscribe([{ pattern, quality: 'all' }], {
      onData: update => onStage(update.fields),
      onLive,
      onOutcome: ({ kind }) => {
        isHoled ||= kind === 'gap' || kind === 'reset'
      },
      onRefused: ([first]) => {
        if (first !== undefined) onError(first.error)
      }
    })
  }

  function onLive(): void {
    if (phase.kind === 'followed' && isHoled) fail('SDK_COMMAND_UNTRACKED')
    isHoled = false
    if (phase.kind === 'listening' || phase.kind === 'asked') ask(phase.stages)
  }

  function ask(stages: Subscription): void {
    const on = options.active()
    if (on === undefined || (phase.kind === 'asked' && phase.on === on)) return
    phase = { kind: 'asked', stages, on }
    wasSent = true
    options.send(request)
  }

  function onActive(): void {
    const site = options.site()
    if (phase.kind === 'held' && site !== undefined && options.active() !== undefined) listen(site)
    else if (phase.kind === 'asked') ask(phase.stages)
  }

  function onAccepted(accepted: CommandAccepted): void {
    cancelWait()
    late = undefined
    follow()
    settle.accepted.resolve(accepted)
    if (phase.kind === 'ended') settle.ended()
  }

  function follow(): void {
    if (phase.kind === 'listening' || phase.kind === 'asked')
      phase = { kind: 'followed', stages: phase.stages }
  }

  function onRefused(error: WireError): void {
    if (OPEN_ANSWERS.has(error.code)) cancelWait = options.clock.after(ASK_AGAIN_MS, askAgain)
    else onError(error)
  }

  function askAgain(): void {
    if (phase.kind !== 'asked') return
    phase = { kind: 'listening', stages: phase.stages }
    ask(phase.stages)
  }

  /** Whoever reaches the broker may write on `ack.`: what is no stage of this command is left out. */
  function onStage(record: unknown): void {
    if (phase.kind === 'ended' || !isAckRecord(record) || record.id !== request.id) return
    isHoled = false
    if (phase.kind !== 'followed') {
      follow()
      late = () => onAccepted(acceptedBy(record))
      cancelWait()
      cancelWait = options.clock.after(LATE_ANSWER_MS, late)
    }
    guarded(() => handlers.onStage?.(record))
    if (!isTerminal(record.state)) return
    end()
    settle.done.resolve(record)
    if (!late) settle.ended()
  }

  /** Its first stage says that it was accepted, though the answer that says so was lost or is late. */
  const acceptedBy = (record: AckRecord): CommandAccepted => ({
    id: request.id,
    state: 'accepted',
    acceptedAt: record.time,
    notAfter: record.time + lifeSeconds,
    ackSubject: ackSubjectOf(options.site() ?? '', request),
    duplicate: false
  })

  function onDeadline(): void {
    if (phase.kind === 'followed') return
    fail(wasSent ? 'SDK_COMMAND_UNANSWERED' : 'SDK_COMMAND_NOT_SENT')
  }

  const fail = (code: SdkCode): void => onError(sdkError(code, { id: request.id }))

  function onError(error: WireError): void {
    late?.()
    cancelWait()
    end()
    settle.ended()
    settle.accepted.reject(new ClientError(error))
    settle.done.reject(new ClientError(error))
  }

  function end(): void {
    cancelDeadline()
    if ('stages' in phase) phase.stages.close()
    phase = { kind: 'ended' }
  }

  return { onActive, onAccepted, onRefused, onError }
}

const ackSubjectOf = (site: string, { csc, index, id }: CommandRequest): string =>
  joinSubject('ack', { site, csc, index, id })

interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: ClientError): void
}

/** A promise with its ends outside. Nobody has to look at it: its rejection is never "unhandled". */
function deferred<T>(): Deferred<T> {
  let ends: Pick<Deferred<T>, 'resolve' | 'reject'> | undefined
  const promise = new Promise<T>((resolve, reject) => {
    ends = { resolve, reject }
  })
  promise.catch(() => undefined)
  return { promise, resolve: value => ends?.resolve(value), reject: error => ends?.reject(error) }
}
