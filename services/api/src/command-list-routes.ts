import { readableParts } from '@meridian/auth'
import type { AppError } from '@meridian/errors'
import { COMMAND_LIMITS } from '@meridian/protocol/commands'
import {
  COMMAND_LIST_LIMITS,
  type CommandsQueryTexts,
  commandListSchema,
  commandsQuerySchema,
  errorsOf
} from '@meridian/protocol/http'
import { badParameter, cameAs, parseWhole } from '@meridian/service'
import { patternOf, token } from '@meridian/subjects'
import type { FastifyInstance } from 'fastify'
import { readCommandList } from './command-list.ts'
import type { RecordRoutesOptions } from './event-routes.ts'

/** Where the list is read, and whom to tell of messages that are no records. */
export interface CommandListRoutesOptions extends RecordRoutesOptions {
  readonly onBadRecord: (err: AppError, subject: string) => void
}

const { most, usual } = COMMAND_LIST_LIMITS

/** Adds `GET /api/commands`; a wrong query is refused before anything is read. */
export function addCommandListRoutes(app: FastifyInstance, options: CommandListRoutesOptions): void {
  const { broker, site, rightsOf, limits, reads, onBadRecord: onBad } = options
  app.get<{ Querystring: CommandsQueryTexts }>(
    '/api/commands',
    {
      schema: {
        tags: ['commands'],
        summary: 'The commands accepted last, newest first, each with its stages',
        querystring: commandsQuerySchema,
        response: { 200: commandListSchema, ...errorsOf(400, 403, 429, 503, 504) }
      }
    },
    async (request, reply) => {
      const { stages, limit } = parseQuery(request.query, site)
      const query = { stages: readableParts(rightsOf(request), stages), limit }
      void reply.header('cache-control', 'no-store')
      return reads.run(request, signal => readCommandList({ broker: broker(), limits, signal, onBad }, query))
    }
  )
}

function parseQuery(
  { component, index, limit }: CommandsQueryTexts,
  site: string
): { readonly stages: string; readonly limit: number } {
  if (index !== undefined && component === undefined)
    throw badParameter({ name: 'component', came: 'is missing', expected: `a name beside 'index'` })
  const whose = {
    ...(component !== undefined && { csc: nameOf(component) }),
    ...(index !== undefined && {
      index: parseWhole('index', index, { least: 0, most: COMMAND_LIMITS.index, usual: 0 })
    })
  }
  return {
    stages: patternOf('ack', { site, ...whose }),
    limit: parseWhole('limit', limit, { least: 1, most, usual })
  }
}

function nameOf(component: string): string {
  try {
    return token(component)
  } catch {
    throw badParameter({
      name: 'component',
      came: cameAs(component),
      expected: "a name of letters, digits, '_', '-' and '='"
    })
  }
}
