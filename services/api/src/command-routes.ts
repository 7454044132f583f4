import type { IncomingHttpHeaders } from 'node:http'
import { assertReadableRecord, type Principal } from '@meridian/auth'
import type { Broker } from '@meridian/broker'
import type { AppError } from '@meridian/errors'
import {
  askCommander,
  type CommandAccepted,
  type CommandAnswer,
  type CommandBody,
  type CommanderClock,
  type CommandHistory,
  isTerminal
} from '@meridian/protocol/commands'
import {
  type AcceptedAnswer,
  acceptedSchema,
  commandSchema,
  type EndedAnswer,
  endedSchema,
  errorsOf,
  idSchema,
  recordSchema,
  waitSchema
} from '@meridian/protocol/http'
import { endedBy, parseSeconds, sendError, type Tracer } from '@meridian/service'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { ulid } from 'ulid'
import { type CommandRecords, createCommandRecords, type EndWatch } from './command-records.ts'
import { readCommandBodies } from './read-command-body.ts'
import type { RightsOf } from './request-rights.ts'
import { whileWanted } from './while-wanted.ts'

/** Where commands are sent and read back, and how long an answer may take. */
export interface CommandRoutesOptions {
  /** Throws BRK_UNAVAILABLE while the broker is away. */
  readonly broker: () => Broker
  readonly site: string
  readonly rightsOf: RightsOf
  /** Ms to wait for a commander's answer. */
  readonly answerMs: number
  /** Ms in which a slow broker is asked again for a record. */
  readonly readMs: number
  /** The clock by which commanders refuse what the door no longer waits for. */
  readonly commanderClock: Pick<CommanderClock, 'acceptBy'>
  /** Aborted when the service stops: clients that wait for the end of a command are answered. */
  readonly stopping: AbortSignal
  readonly tracer: Tracer
  /** Called for each message on `ack.` that is not a stage of a command. */
  readonly onBadRecord: (err: AppError, subject: string) => void
}

type WaitQuery = Static<typeof waitSchema>

const MAX_WAIT_SECONDS = 60
/** Requests that may wait at a time for the end of a command; the next is answered 202 at once. */
const MAX_WAITS = 500

/** What asking and reading a record both need: settings, the records, and those who wait for an end. */
interface RouteParts {
  readonly options: CommandRoutesOptions
  readonly records: CommandRecords
  readonly waitForEnd: WaitForEnd
}

/**
 * Adds `POST /api/commands` and `GET /api/commands/{id}`. The door holds no policy: commanders decide
 * [docs/commands.md#asking].
 */
export function addCommandRoutes(app: FastifyInstance, options: CommandRoutesOptions): void {
  const { broker, site, readMs, stopping, onBadRecord } = options
  const records = createCommandRecords({ broker, site, readMs, onBad: onBadRecord })
  const parts: RouteParts = { options, records, waitForEnd: createEndWaits(stopping) }
  void app.register((scope, _options, done) => {
    readCommandBodies(scope)
    addAskRoute(scope, parts)
    done()
  })
  addRecordRoute(app, parts)
}

function addAskRoute(app: FastifyInstance, parts: RouteParts): void {
  app.post<{ Body: CommandBody; Querystring: WaitQuery }>(
    '/api/commands',
    {
      // He may wait for its end for a minute.
      config: { isReading: true },
      schema: {
        tags: ['commands'],
        summary: 'Ask for a command; the answer comes once it is on the record',
        body: commandSchema,
        querystring: waitSchema,
        response: {
          200: endedSchema,
          202: acceptedSchema,
          ...errorsOf(400, 403, 404, 409, 413, 415, 429, 502, 503, 504)
        }
      }
    },
    (request, reply) => {
      const id = request.body.id ?? ulid().toLowerCase()
      return watching(parts.records, id, request.query, async wait => {
        const { principal } = parts.options.rightsOf(request)
        const answer = await ask(
          parts.options,
          { ...request.body, id },
          { principal, parent: request.headers }
        )
        if ('error' in answer) return sendError(reply, answer.error)
        const record = wait && (await findEnd(parts, request, wait, answer.duplicate))
        return record === undefined ? sendAccepted(reply, answer) : withWarning(record, answer)
      })
    }
  )
}

function addRecordRoute(app: FastifyInstance, { options, records, waitForEnd }: RouteParts): void {
  app.get<{ Params: { id: string }; Querystring: WaitQuery }>(
    '/api/commands/:id',
    {
      schema: {
        tags: ['commands'],
        summary: 'The record of a command: what was accepted, and each later stage',
        params: Type.Object({ id: idSchema }),
        querystring: waitSchema,
        response: { 200: recordSchema, ...errorsOf(400, 403, 404, 500, 503, 504) }
      }
    },
    (request, reply) => {
      const { id } = request.params
      return watching(records, id, request.query, async wait => {
        void reply.header('cache-control', 'no-store')
        const record = await records.read(id)
        assertReadableRecord(options.rightsOf(request), record.intake)
        if (wait === undefined || isTerminal(record.state)) return record
        return (await waitForEnd(request, wait)) ?? (await records.read(id))
      })
    }
  )
}

/** A watch on the end of a command, and how long somebody waits for it. */
interface Wait {
  readonly id: string
  readonly watch: EndWatch
  readonly seconds: number
}

/** Runs with a watch on the end of a command, where the query asks to wait for it. */
async function watching<T>(
  records: CommandRecords,
  id: string,
  query: WaitQuery,
  run: (wait: Wait | undefined) => Promise<T>
): Promise<T> {
  const seconds = waitSecondsOf(query)
  const wait = seconds > 0 ? { id, watch: records.watchEnd(id), seconds } : undefined
  try {
    return await run(wait)
  } finally {
    wait?.watch.stop()
  }
}

/** The record, where the command ends in time; otherwise undefined. */
type WaitForEnd = (request: FastifyRequest, wait: Wait) => Promise<CommandHistory | undefined>

function createEndWaits(stopping: AbortSignal): WaitForEnd {
  let waits = 0
  return async (request, { watch, seconds }) => {
    if (waits >= MAX_WAITS) return undefined
    waits++
    try {
      return await whileWanted(request, stopping, signal => watch.wait(seconds * 1000, signal))
    } finally {
      waits--
    }
  }
}

/** The record of an accepted command that has ended before or ends in time; otherwise undefined. */
async function findEnd(
  { records, waitForEnd }: RouteParts,
  request: FastifyRequest,
  wait: Wait,
  duplicate: boolean
): Promise<CommandHistory | undefined> {
  const record = duplicate ? await records.read(wait.id) : undefined
  return record !== undefined && isTerminal(record.state) ? record : waitForEnd(request, wait)
}

const waitSecondsOf = ({ wait }: WaitQuery): number =>
  parseSeconds('wait', wait, { least: 0, most: MAX_WAIT_SECONDS, usual: 0 })

async function ask(
  { broker, site, answerMs, commanderClock, tracer }: CommandRoutesOptions,
  { id, csc, index, command, params = {}, notAfterSeconds }: CommandBody & { id: string },
  { principal, parent }: { readonly principal: Principal; readonly parent: IncomingHttpHeaders }
): Promise<CommandAnswer> {
  const connected = broker()
  const attributes = { door: 'api', csc, index, command, id }
  const span = tracer.start('command', { kind: 'client', parent, attributes })
  const answer = askCommander(connected, {
    headers: span.headers,
    ...{ site, csc, index, command, id, params, timeoutMs: answerMs },
    principal: { name: principal.name, roles: principal.roles },
    token: principal.proof?.token,
    door: 'api',
    acceptBy: commanderClock.acceptBy(answerMs),
    ...(notAfterSeconds !== undefined && { notAfterSeconds })
  })
  return endedBy(span, answer)
}

const withWarning = (record: CommandHistory, { warning }: CommandAccepted): EndedAnswer =>
  warning === undefined ? record : { ...record, warning }

function sendAccepted(reply: FastifyReply, answer: CommandAccepted): FastifyReply {
  const self = `/api/commands/${answer.id}`
  return reply
    .code(202)
    .header('location', self)
    .header('cache-control', 'no-store')
    .send({ ...answer, links: { self } } satisfies AcceptedAnswer)
}
