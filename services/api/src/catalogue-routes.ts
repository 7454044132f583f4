import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { type Catalogue, catalogueJson, type Observatory, siteJson, toJson } from '@meridian/catalogue'
import { AppError, didYouMean } from '@meridian/errors'
import { jsonOf } from '@meridian/msgpack'
import {
  type CatalogueAnswer,
  type ComponentAnswer,
  catalogueSchema,
  componentSchema,
  errorsOf,
  type SiteAnswer,
  siteSchema
} from '@meridian/protocol/http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'

/**
 * A JSON answer, serialised once, with the ETag by which clients cache it. It does not change while the
 * process runs.
 */
interface Document {
  readonly json: Buffer
  readonly gzip: Buffer
  readonly etag: string
}

/** Adds `GET /api/catalogue`, `GET /api/catalogue/{csc}` and `GET /api/site`; clients cache them by ETag. */
export function addCatalogueRoutes(app: FastifyInstance, { catalogue, site }: Observatory): void {
  const documents = new Map<string, Document>()
  const document = (name: string, content: () => unknown): Document => {
    const known = documents.get(name) ?? documentOf(content())
    documents.set(name, known)
    return known
  }
  const tags = ['catalogue']

  app.get(
    '/api/catalogue',
    { schema: { tags, summary: 'Names of all components', response: { 200: catalogueSchema } } },
    async (request, reply) =>
      sendDocument(
        request,
        reply,
        document('/', (): CatalogueAnswer => catalogueJson(catalogue))
      )
  )

  app.get<{ Params: { csc: string } }>(
    '/api/catalogue/:csc',
    {
      schema: {
        tags,
        summary: 'One component: commands, events, telemetry, enumerations',
        params: Type.Object({ csc: Type.String({ maxLength: 120 }) }),
        response: { 200: componentSchema, ...errorsOf(404) }
      }
    },
    async (request, reply) => {
      const { csc } = request.params
      const component = catalogue.component(csc)
      if (component === undefined) throw unknownComponent(csc, catalogue)
      return sendDocument(
        request,
        reply,
        document(csc, (): ComponentAnswer => toJson(component, site))
      )
    }
  )

  app.get(
    '/api/site',
    {
      schema: {
        tags,
        summary: 'The site: place, instances, headings, stops, and what pages show first',
        response: { 200: siteSchema }
      }
    },
    async (request, reply) =>
      sendDocument(
        request,
        reply,
        document('/site', (): SiteAnswer => siteJson(site, catalogue))
      )
  )
}

/** The error for a component that the catalogue does not have, with a guess at what was meant. */
export function unknownComponent(csc: string, { components }: Pick<Catalogue, 'components'>): AppError {
  const detail = `'${csc.slice(0, 80)}'${didYouMean(csc, components)}`
  return new AppError('API_UNKNOWN_COMPONENT', { detail, csc })
}

function documentOf(content: unknown): Document {
  const json = Buffer.from(jsonOf(content))
  const digest = createHash('sha256').update(json).digest('base64url').slice(0, 22)
  return { json, gzip: gzipSync(json), etag: `"${digest}"` }
}

function sendDocument(
  request: FastifyRequest,
  reply: FastifyReply,
  { json, gzip, etag }: Document
): FastifyReply {
  void reply.headers({
    etag,
    'cache-control': 'no-cache',
    vary: 'accept-encoding',
    'content-type': 'application/json; charset=utf-8'
  })
  if (tagsOf(request).includes(etag)) return reply.code(304).send()
  if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(json)
  return reply.header('content-encoding', 'gzip').send(gzip)
}

const tagsOf = ({ headers }: FastifyRequest): readonly string[] =>
  (headers['if-none-match'] ?? '').split(',').map(tag => tag.trim().replace(/^W\//, ''))
