import { openPrincipal } from '@meridian/auth'
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
import { sendError } from '@meridian/service'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { ulid } from 'ulid'
import { createCommandRecords, type EndWatch } from './command-records.ts'
import { parseSeconds } from './query-numbers.ts'
import { readCommandBodies } from './read-command-body.ts'
import { whileWanted } from './while-wanted.ts'

/** Where commands are sent and read back, and how long an answer may take. */
export interface CommandRoutesOptions {
  /** Throws BRK_UNAVAILABLE while the broker is away. */
  readonly broker: () => Broker
  readonly site: string
  /** Ms to wait for a commander's answer. */
  readonly answerMs: number
  /** Ms in which a slow broker is asked again for a record. */
  readonly readMs: number
  /** The clock by which commanders refuse what the door no longer waits for. */
  readonly commanderClock: Pick<CommanderClock, 'acceptBy'>
  /** Aborted when the service stops: clients that wait for the end of a command are answered. */
  readonly stopping: AbortSignal
  /** Called for each message on `ack.` that is not a stage of a command. */
  readonly onBadRecord: (err: AppError, subject: string) => void
}

type WaitQuery = Static<typeof waitSchema>

const MAX_WAIT_SECONDS = 60
/** Requests that may wait at a time for the end of a command; the next is answered 202 at once. */
const MAX_WAITS = 500

/**
 * Adds `POST /api/commands` and `GET /api/commands/{id}`. The door holds no policy: commanders decide
 * [docs/commands.md#asking].
 */
export function addCommandRoutes(app: FastifyInstance, options: CommandRoutesOptions): void {
  const { broker, site, readMs, stopping, onBadRecord } = options
  const records = createCommandRecords({ broker, site, readMs, onBad: onBadRecord })
  let waits = 0

  /** The record, where the command ends in time; otherwise undefined. */
  async function waitForEnd(
    request: FastifyRequest,
    watch: EndWatch,
    seconds: number
  ): Promise<CommandHistory | undefined> {
    if (waits >= MAX_WAITS) return undefined
    waits++
    try {
      return await whileWanted(request, stopping, signal => watch.wait(seconds * 1000, signal))
    } finally {
      waits--
    }
  }

  /** The record of a command that was accepted before and has ended; otherwise undefined. */
  async function findEnded(id: string): Promise<CommandHistory | undefined> {
    const record = await records.read(id)
    return isTerminal(record.state) ? record : undefined
  }

  void app.register((scope, _options, done) => {
    readCommandBodies(scope)
    scope.post<{ Body: CommandBody; Querystring: WaitQuery }>(
      '/api/commands',
      {
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
      async (request, reply) => {
        const id = request.body.id ?? ulid().toLowerCase()
        const seconds = waitSecondsOf(request.query)
        const watch = seconds > 0 ? records.watchEnd(id) : undefined
        try {
          const answer = await ask(options, { ...request.body, id })
          if ('error' in answer) return sendError(reply, answer.error)
          if (watch === undefined) return sendAccepted(reply, answer)
          const ended = answer.duplicate ? await findEnded(id) : undefined
          const record = ended ?? (await waitForEnd(request, watch, seconds))
          return record === undefined ? sendAccepted(reply, answer) : withWarning(record, answer)
        } finally {
          watch?.stop()
        }
      }
    )
    done()
  })

  app.get<{ Params: { id: string }; Querystring: WaitQuery }>(
    '/api/commands/:id',
    {
      schema: {
        tags: ['commands'],
        summary: 'The record of a command: what was accepted, and each later stage',
        params: Type.Object({ id: idSchema }),
        querystring: waitSchema,
        response: { 200: recordSchema, ...errorsOf(400, 404, 500, 503, 504) }
      }
    },
    async (request, reply) => {
      const { id } = request.params
      const seconds = waitSecondsOf(request.query)
      const watch = seconds > 0 ? records.watchEnd(id) : undefined
      void reply.header('cache-control', 'no-store')
      try {
        const record = await records.read(id)
        if (watch === undefined || isTerminal(record.state)) return record
        return (await waitForEnd(request, watch, seconds)) ?? (await records.read(id))
      } finally {
        watch?.stop()
      }
    }
  )
}

const waitSecondsOf = ({ wait }: WaitQuery): number =>
  parseSeconds('wait', wait, { least: 0, most: MAX_WAIT_SECONDS, usual: 0 })

async function ask(
  { broker, site, answerMs, commanderClock }: CommandRoutesOptions,
  { id, csc, index, command, params = {}, notAfterSeconds }: CommandBody & { id: string }
): Promise<CommandAnswer> {
  const connected = broker()
  return askCommander(connected, {
    ...{ site, csc, index, command, id, params, timeoutMs: answerMs },
    principal: openPrincipal,
    door: 'api',
    acceptBy: commanderClock.acceptBy(answerMs),
    ...(notAfterSeconds !== undefined && { notAfterSeconds })
  })
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
