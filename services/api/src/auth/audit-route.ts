import { type Broker, type StreamMessage, streamState } from '@meridian/broker'
import {
  AUDIT_LIST_LIMITS,
  type AuditAnswer,
  type AuditQueryTexts,
  type AuditRecord,
  auditQuerySchema,
  auditRecordSchema,
  auditSchema,
  errorsOf
} from '@meridian/protocol/http'
import { parseWhole } from '@meridian/service'
import { everythingBelow, traitsOf } from '@meridian/subjects'
import type { FastifyInstance } from 'fastify'
import { Check } from 'typebox/schema'
import { instantOf } from '../instant.ts'
import { patienceOf, type ReadLimits, readNewestFirst } from '../newest-first.ts'
import type { RecordReads } from '../record-reads.ts'
import type { RightsOf } from '../request-rights.ts'
import { assertManager } from './who-asks.ts'

/** Where the audit is read, and what one list may cost. */
export interface AuditRouteOptions {
  readonly site: string
  readonly rightsOf: RightsOf
  /** Throws BRK_UNAVAILABLE while the broker is away. */
  readonly broker: () => Broker
  readonly limits: ReadLimits
  readonly reads: RecordReads
}

const { most, usual } = AUDIT_LIST_LIMITS
const AUDIT = traitsOf('AUDIT').name
/** Bytes of a record, about. */
const RECORD_BYTES = 200

/** Adds `GET /api/audit`, for whoever may manage users; a wrong query is refused before anything is read. */
export function addAuditRoute(app: FastifyInstance, options: AuditRouteOptions): void {
  const { rightsOf, broker, site, limits, reads } = options
  app.get<{ Querystring: AuditQueryTexts }>(
    '/api/audit',
    {
      schema: {
        tags: ['users'],
        summary: 'What was done and refused, newest first; for whoever may manage users',
        querystring: auditQuerySchema,
        response: { 200: auditSchema, ...errorsOf(400, 401, 403, 429, 503, 504) }
      }
    },
    async (request, reply) => {
      assertManager(rightsOf(request))
      const { what, name, from, limit } = request.query
      const query = {
        ...{ site, what, name },
        from: from === undefined ? undefined : instantOf('from', from),
        limit: parseWhole('limit', limit, { least: 1, most, usual })
      }
      void reply.header('cache-control', 'no-store')
      return reads.run(request, signal => readAudit({ broker: broker(), limits, signal }, query))
    }
  )
}

interface AuditQuery {
  readonly site: string
  readonly what: string | undefined
  readonly name: string | undefined
  readonly from: number | undefined
  readonly limit: number
}

interface AuditReading {
  readonly broker: Broker
  readonly limits: ReadLimits
  readonly signal: AbortSignal
}

async function readAudit({ broker, limits, signal }: AuditReading, query: AuditQuery): Promise<AuditAnswer> {
  const { epoch, lastSeq: toSeq } = await streamState(broker, AUDIT)
  const records: AuditRecord[] = []
  let window: StreamMessage[] = []
  const end = await readNewestFirst(
    {
      ...{ broker, limits, patience: patienceOf(limits, signal), firstWindow: query.limit + 1 },
      onMessage: message => window.push(message),
      onWindow() {
        for (const message of window.reverse()) records.push(...wantedOf(message, query))
        window = []
      },
      isEnough: () => records.length > query.limit
    },
    {
      ...{ stream: AUDIT, epoch, toSeq, fromUs: 0, hasNewer: false, messageBytes: RECORD_BYTES },
      subjects: [everythingBelow('audit', { site: query.site })]
    }
  )
  const complete = end === 'all' && records.length <= query.limit
  return { complete, records: records.slice(0, query.limit) }
}

/** The record, where it is one and wanted. Notes of what was removed from streams are none. */
function wantedOf({ data }: StreamMessage, { what, name, from = 0 }: AuditQuery): readonly AuditRecord[] {
  const record = readRecord(data)
  if (record === undefined || record.time < from) return []
  const isKind = what === undefined || record.what === what
  const isAbout = name === undefined || record.name === name || record.by === name
  return isKind && isAbout ? [record] : []
}

/** Undefined for what is no record: any client of the broker with that right may have written it. */
function readRecord(data: Uint8Array): AuditRecord | undefined {
  try {
    const value: unknown = JSON.parse(decoder.decode(data))
    return Check(auditRecordSchema, value) ? (value as AuditRecord) : undefined
  } catch {
    return undefined
  }
}

const decoder = new TextDecoder()
