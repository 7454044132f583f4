import type { Broker, BrokerMessage, EndpointStats, Rarely } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { type CommandAccepted, parseCommandPayload, parseCommandTarget } from '@meridian/protocol/commands'
import { endedBy, type Metrics, type Tracer } from '@meridian/service'
import { commandsOf, readSubject } from '@meridian/subjects'
import type { Clock } from '@meridian/time'
import type { Logger } from 'pino'
import { type AcceptContext, acceptCommand, type Candidate, newId, repeatedAnswer } from './accept.ts'
import { type AskParts, assertAsked, checkAsk } from './check-ask.ts'
import { findOffline } from './check-command.ts'
import type { OpenCommands } from './open-commands.ts'
import type { StageRelays } from './stage-relays.ts'
import type { Standstill } from './standstill.ts'

/** The queue group of the commanders. */
export const QUEUE = 'commander'

/**
 * What a request is checked against, where it is recorded, and `maxOpen`, the commands of the site that may
 * be open at a time.
 */
export interface ServeContext extends AskParts {
  readonly broker: Broker
  readonly site: string
  readonly log: Logger
  readonly metrics: Metrics
  readonly accept: AcceptContext
  readonly open: OpenCommands
  readonly relays: StageRelays
  readonly standstill: Pick<Standstill, 'hasWaited'>
  readonly maxOpen: number
  readonly tracer: Tracer
  /** For lines that may be due with every request. */
  readonly rarely: Rarely
}

/** Answers the requests on `cmd.<site>.>`, sharing them with the other commanders through the queue group. */
export interface Server {
  /** Resolves when the broker knows of it: whoever asks then is answered. */
  start(): Promise<void>
  /** Takes no more requests; resolves when those already received are answered. */
  drain(): Promise<void>
  stats(): EndpointStats
}

/** Seconds after which a client should retry a request refused with CMD_OVERLOAD. */
const RETRY_AFTER_SECONDS = 1
const MAX_SUBJECT = 120

/**
 * Creates the server; it subscribes at `start`. A refused request is answered with its error, never left
 * open.
 */
export function createServer(context: ServeContext): Server {
  const { broker, site, metrics } = context
  const pending = new Set<Promise<void>>()
  const counts = { requests: 0, errors: 0, processingMs: 0 }
  let lastError: string | undefined
  let subscription: { drain(): Promise<void> } | undefined

  async function handle(message: BrokerMessage): Promise<void> {
    const startMs = performance.now()
    try {
      const span = context.tracer.start('command accept', {
        kind: 'server',
        ...(context.tracer.isOn && { parent: message.headers(), attributes: { subject: message.subject } })
      })
      const { headers } = span
      const { duplicate } = await endedBy(
        span,
        answer(context, message, { inProgress: pending.size, headers })
      )
      metrics
        .counter('meridian_commander_requests_total')
        .inc({ answer: duplicate ? 'duplicate' : 'accepted' })
      metrics.histogram('meridian_commander_accept_seconds').observe((performance.now() - startMs) / 1000)
    } catch (caught) {
      const err = AppError.from(caught)
      counts.errors++
      lastError = err.message
      metrics.counter('meridian_commander_requests_total').inc({ answer: err.code })
      logRefused(context, message.subject, err)
      message.respond(JSON.stringify({ error: err.toWire() }))
    }
    counts.processingMs += performance.now() - startMs
  }

  return {
    async start() {
      subscription = broker.subscribe(
        commandsOf(site),
        message => {
          counts.requests++
          const done = handle(message).finally(() => pending.delete(done))
          pending.add(done)
        },
        { queue: QUEUE }
      )
      await broker.flush()
    },
    async drain() {
      await subscription?.drain()
      await Promise.all(pending)
    },
    stats: () => ({ ...counts, ...(lastError !== undefined && { lastError }) })
  }
}

/** What is known of a request when it comes: how many are being answered, and the headers of its trace. */
interface Asking {
  readonly inProgress: number
  readonly headers: Readonly<Record<string, string>> | undefined
}

async function answer(
  context: ServeContext,
  message: BrokerMessage,
  { inProgress, headers }: Asking
): Promise<CommandAccepted> {
  const hasWaited = context.standstill.hasWaited()
  assertAsked(message)
  const asked = parseCommandPayload(message.data)
  const target = parseCommandTarget(message.subject)
  const { ask, checked } = await checkAsk(context, message, asked, target)
  const id = ask.id ?? newId()
  const candidate = { id, target, ask, checked, headers }
  const { reply } = message
  const wantsStages = reply !== undefined && ask.stages
  const relay = wantsStages ? context.relays.hold(id, { reply, door: ask.door }) : undefined
  try {
    const accepted = await acceptOrRepeat(context, candidate, { inProgress, hasWaited })
    const isUnrelayed = wantsStages && relay === undefined
    if (isUnrelayed) context.metrics.counter('meridian_commander_unrelayed_total').inc()
    message.respond(JSON.stringify(isUnrelayed ? { ...accepted, stages: false } : accepted))
    if (accepted.duplicate)
      relay
        ?.sendAll(() => context.open.get(id) !== undefined)
        .catch((err: unknown) =>
          context.rarely('stages', times =>
            context.log.warn({ err, id, times }, 'earlier stages not sent to the reply subject')
          )
        )
    else relay?.send()
    logAccepted(context, candidate, accepted)
    return accepted
  } catch (err) {
    relay?.drop()
    throw err
  }
}

/** What `answer` knows of a request when it reads it. */
interface Reading {
  /** Requests that are being answered, this one included. */
  readonly inProgress: number
  readonly hasWaited: boolean
}

/**
 * Accepts a command of an instance that is alive, while not too many are open and its asker still waits. A
 * stop is accepted all the same, with the reason as its warning, but for a late one: its asker was told that
 * nobody answered, and has acted on it. A repeated request gets its first answer, even while a new command
 * would be refused.
 */
async function acceptOrRepeat(
  context: ServeContext,
  candidate: Candidate,
  reading: Reading
): Promise<CommandAccepted> {
  const { checked } = candidate
  const late = findLate(context.accept.clock, candidate, reading)
  const refusal = late ?? findRefusal(context, candidate, reading)
  if (refusal === undefined) return acceptCommand(context.accept, candidate)
  if (checked.isStop && late === undefined)
    return { ...(await acceptCommand(context.accept, candidate)), warning: refusal.toWire() }
  const repeated = await repeatedAnswer(context.accept, candidate)
  if (repeated === undefined) throw refusal
  return repeated
}

const findRefusal = (
  context: ServeContext,
  { checked, target }: Candidate,
  { inProgress }: Reading
): AppError | undefined =>
  checked.warning ?? findOffline(context.facts.heartbeats, target) ?? findOverload(context, inProgress)

/**
 * CMD_TOO_LATE where the asker no longer waits, and where it may not: the request waited while this process
 * stood still. A stop whose asker is known to wait still goes out.
 */
function findLate(
  clock: Clock,
  { ask: { acceptBy = Number.POSITIVE_INFINITY }, checked, target }: Candidate,
  { hasWaited }: Reading
): AppError | undefined {
  const { csc, index, command } = target
  const lateSeconds = clock.taiSeconds() - acceptBy
  if (lateSeconds > 0)
    return new AppError('CMD_TOO_LATE', { detail: 'acceptBy has passed', csc, index, command, lateSeconds })
  if (!hasWaited || (checked.isStop && Number.isFinite(acceptBy))) return undefined
  return new AppError('CMD_TOO_LATE', { detail: 'the commander stood still', csc, index, command })
}

/** A line for each command; its repetitions, which are as many as somebody likes, have one a minute. */
function logAccepted(
  { log, rarely }: ServeContext,
  { id, target, ask }: Candidate,
  { duplicate, warning }: CommandAccepted
): void {
  const { csc, index, command } = target
  const facts = { id, csc, index, command, principal: ask.principal.name, door: ask.door, warning }
  if (!duplicate) log.info(facts, 'command accepted')
  else rarely('repeated', times => log.info({ ...facts, times }, 'command repeated'), ask.principal.name)
}

function logRefused({ log, rarely }: ServeContext, asked: string, err: AppError): void {
  const { code, message: why } = err
  const subject = asked.slice(0, MAX_SUBJECT)
  const isFault = code === 'GEN_INTERNAL'
  rarely(
    code,
    times =>
      isFault
        ? log.error({ err, subject, times }, 'request failed')
        : log.info({ subject, code, why, times }, 'command refused'),
    instanceOf(asked)
  )
}

/** The instance that a subject on `cmd.` asks, as text; empty where it names none. */
function instanceOf(asked: string): string {
  const subject = readSubject(asked)
  return subject?.class === 'cmd' ? `${subject.csc}:${subject.index}` : ''
}

function findOverload({ open, maxOpen }: ServeContext, inProgress: number): AppError | undefined {
  const busy = open.size() + inProgress
  if (busy < maxOpen) return undefined
  return new AppError('CMD_OVERLOAD', { open: busy, limit: maxOpen, retryAfterSeconds: RETRY_AFTER_SECONDS })
}
