import fastifySwagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'

/** Describes all routes that are added later as OpenAPI, at `/api/openapi.json`. */
export async function addDescription(app: FastifyInstance, version: string): Promise<void> {
  await app.register(fastifySwagger, {
    hideUntagged: true,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Meridian',
        version,
        description:
          'Commands, catalogue and history of an observatory. Live data come over WebSocket (docs/protocol.md). Times are TAI seconds. Every error is `{ error: { code, message, canRetry, facts } }`.'
      },
      tags: [
        { name: 'commands' },
        { name: 'catalogue' },
        { name: 'history' },
        { name: 'record' },
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
    async (_request, reply) => reply.header('cache-control', 'no-cache').send(app.swagger())
  )
}
