import { setTimeout as sleep } from 'node:timers/promises'
import { openPrincipal } from '@meridian/auth'
import type { Broker } from '@meridian/broker'
import { AppError, type WireError } from '@meridian/errors'
import {
  type CommandAccepted,
  type CommandHistory,
  type CommandPayload,
  isTerminal
} from '@meridian/protocol/commands'
import {
  acceptedSchema,
  commandSchema,
  errorsOf,
  idSchema,
  recordSchema,
  waitSchema
} from '@meridian/protocol/http'
import { commandOf } from '@meridian/subjects'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { type Static, Type } from 'typebox'
import { ulid } from 'ulid'
import { readCommand, watchEnd } from './command-record.ts'
import { sendError } from './wire-errors.ts'

/** What the command routes need. */
export interface CommandRoutesOptions {
  readonly broker: () => Broker
  readonly site: string
  /** Ms to wait for a commander's answer. */
  readonly answerMs: number
  /** Ends all waiting. */
  readonly stopping: AbortSignal
}

type Body = Static<typeof commandSchema>
type Waiting = Static<typeof waitSchema>

const MAX_WAIT_SECONDS = 60
/** Requests that may wait for the end of a command at a time; beyond it the answer is 202 at once. */
const MAX_WAITS = 500
/** The end is heard a moment before it is stored. */
const SETTLE_MS = [0, 20, 100, 500]

/** Adds `POST /api/commands` and `GET /api/commands/{id}`. The door holds no policy: commanders decide [docs/commands.md#asking]. */
export function addCommandRoutes(app: FastifyInstance, options: CommandRoutesOptions): void {
  const { site, stopping } = options
  let waits = 0

  /** The record when the command has come to its end in time, else undefined. */
  async function waitForEnd(
    watch: ReturnType<typeof watchEnd>,
    id: string,
    seconds: number
  ): Promise<CommandHistory | undefined> {
    if (waits >= MAX_WAITS) return undefined
    waits++
    try {
      if (!(await watch.wait(seconds * 1000, stopping))) return undefined
      return await settled(options.broker(), site, id)
    } finally {
      waits--
    }
  }

  app.post<{ Body: Body; Querystring: Waiting }>(
    '/api/commands',
    {
      schema: {
        tags: ['commands'],
        summary: 'Ask for a command; the answer comes once it is on the record',
        body: commandSchema,
        querystring: waitSchema,
        response: {
          200: recordSchema,
          202: acceptedSchema,
          ...errorsOf(400, 403, 404, 409, 413, 415, 429, 503, 504)
        }
      }
    },
    async (request, reply) => {
      const id = request.body.id ?? ulid().toLowerCase()
      const seconds = waitSecondsOf(request.query)
      const broker = options.broker()
      const watch = seconds > 0 ? watchEnd(broker, site, id) : undefined
      try {
        const answer = await ask(broker, options, { ...request.body, id })
        if ('error' in answer) return sendError(reply, answer.error)
        const ended = watch && (await (answer.duplicate ? endedBefore(broker, site, id) : undefined))
        const record = ended ?? (watch && (await waitForEnd(watch, id, seconds)))
        return record ?? accepted(reply, answer)
      } finally {
        watch?.stop()
      }
    }
  )

  app.get<{ Params: { id: string }; Querystring: Waiting }>(
    '/api/commands/:id',
    {
      schema: {
        tags: ['commands'],
        summary: 'The record of a command: what was accepted, and each later stage',
        params: Type.Object({ id: idSchema }),
        querystring: waitSchema,
        response: { 200: recordSchema, ...errorsOf(400, 404, 503, 504) }
      }
    },
    async (request, reply) => {
      const { id } = request.params
      const seconds = waitSecondsOf(request.query)
      const broker = options.broker()
      const watch = seconds > 0 ? watchEnd(broker, site, id) : undefined
      void reply.header('cache-control', 'no-store')
      try {
        const record = await readCommand(broker, site, id)
        if (watch === undefined || isTerminal(record.state)) return record
        return (await waitForEnd(watch, id, seconds)) ?? (await readCommand(broker, site, id))
      } finally {
        watch?.stop()
      }
    }
  )
}

const waitSecondsOf = ({ wait = '0' }: Waiting): number => Math.min(Number(wait), MAX_WAIT_SECONDS)

async function ask(
  broker: Broker,
  { site, answerMs }: CommandRoutesOptions,
  { id, csc, index, command, params = {}, notAfterSeconds }: Body & { id: string }
): Promise<CommandAccepted | { readonly error: WireError }> {
  const payload: CommandPayload = {
    id,
    params,
    principal: openPrincipal,
    door: 'api',
    ...(notAfterSeconds !== undefined && { notAfterSeconds })
  }
  if (broker.state() !== 'connected') throw new AppError('BRK_UNAVAILABLE', { id })
  try {
    const subject = commandOf({ site, csc, index }, command)
    const answer = await broker.request(subject, textOf(payload), { timeoutMs: answerMs })
    return JSON.parse(answer.text()) as CommandAccepted | { error: WireError }
  } catch (err) {
    if (err instanceof AppError && err.code === 'BRK_NO_RESPONDERS')
      throw new AppError('CMD_NO_COMMANDER', { cause: err, id })
    throw err
  }
}

/** Parsing goes deeper than writing does: what cannot be written again is the client's fault. */
function textOf(payload: CommandPayload): string {
  try {
    return JSON.stringify(payload)
  } catch (cause) {
    throw new AppError('NET_BAD_REQUEST', { cause, detail: 'params are nested too deeply' })
  }
}

function accepted(reply: FastifyReply, answer: CommandAccepted): FastifyReply {
  const self = `/api/commands/${answer.id}`
  return reply
    .code(202)
    .header('location', self)
    .header('cache-control', 'no-store')
    .send({ ...answer, links: { self } })
}

async function endedBefore(broker: Broker, site: string, id: string): Promise<CommandHistory | undefined> {
  const record = await readCommand(broker, site, id)
  return isTerminal(record.state) ? record : undefined
}

async function settled(broker: Broker, site: string, id: string): Promise<CommandHistory | undefined> {
  for (const ms of SETTLE_MS) {
    await sleep(ms)
    const record = await endedBefore(broker, site, id)
    if (record !== undefined) return record
  }
  return undefined
}
