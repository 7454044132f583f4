import fastifySwagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { liveEventsPath } from './describe-live-events.ts'

/** Describes all routes that are added later, and the gateways' one that is read like them, as OpenAPI, at `/api/openapi.json`. */
export async function addDescription(app: FastifyInstance, version: string): Promise<void> {
  await app.register(fastifySwagger, {
    hideUntagged: true,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Meridian',
        version,
        description:
          'Commands, catalogue and history of an observatory. Live data come from the gateways, over a WebSocket at `/live` or as Server-Sent Events at `/live/events` (docs/protocol.md). Times are TAI seconds. Every error is `{ error: { code, message, canRetry, facts } }`.'
      },
      tags: [
        { name: 'commands' },
        { name: 'catalogue' },
        { name: 'history' },
        { name: 'record' },
        { name: 'live' },
        { name: 'sessions' },
        { name: 'tokens' },
        { name: 'users' },
        { name: 'description' }
      ]
    }
  })
  app.get(
    '/api/openapi.json',
    {
      schema: {
        tags: ['description'],
        summary: 'This description',
        response: { 200: { type: 'object', additionalProperties: true } }
      }
    },
    async (_request, reply) => {
      const routes = app.swagger()
      const paths = { ...routes.paths, '/live/events': liveEventsPath }
      return reply.header('cache-control', 'no-cache').send({ ...routes, paths })
    }
  )
}
