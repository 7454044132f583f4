import { type Access, meOf } from '@meridian/auth'
import type { Site } from '@meridian/catalogue'
import { meSchema } from '@meridian/protocol/http'
import type { FastifyInstance } from 'fastify'
import type { RightsOf } from './request-rights.ts'

/** Adds `GET /api/me`, by which a page learns what will be refused before it is asked for. */
export function addMeRoute(
  app: FastifyInstance,
  {
    rightsOf,
    mode,
    site
  }: { readonly rightsOf: RightsOf; readonly mode: Access['mode']; readonly site: Site }
): void {
  app.get(
    '/api/me',
    {
      schema: {
        tags: ['rights'],
        summary: 'Who asks, and what the roles of the site may read and command',
        response: { 200: meSchema }
      }
    },
    async (request, reply) => {
      void reply.header('cache-control', 'no-store')
      return meOf(rightsOf(request).principal, site, mode)
    }
  )
}
