import { assertLocal, parseWhole } from '@meridian/service'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { LIST_BOUNDS, type ListClients } from './client-list.ts'

const querystring = Type.Object(
  { offset: Type.Optional(Type.String()), limit: Type.Optional(Type.String()) },
  { additionalProperties: false }
)

/**
 * Adds `GET /debug/clients?offset=&limit=`: who watches what, for those who are on the machine. Anybody else,
 * and whatever a proxy has forwarded, is refused with NET_NOT_LOCAL, since nobody is an administrator yet.
 */
export function addDebugRoute(app: FastifyInstance, list: ListClients): void {
  app.get<{ Querystring: { offset?: string; limit?: string } }>(
    '/debug/clients',
    {
      schema: { querystring },
      onRequest: (request, _reply, done) => {
        assertLocal(request.raw)
        done()
      }
    },
    async ({ query: { offset, limit } }, reply) => {
      const page = list({
        offset: parseWhole('offset', offset, LIST_BOUNDS.offset),
        limit: parseWhole('limit', limit, LIST_BOUNDS.limit)
      })
      return reply.type('application/json').send(`${JSON.stringify(page, undefined, 2)}\n`)
    }
  )
}
