import { type Broker, type StreamMessage, streamState } from '@meridian/broker'
import {
  AUDIT_LIST_LIMITS,
  type AuditAnswer,
  type AuditQueryTexts,
  type AuditRecord,
  auditQuerySchema,
  auditRecordSchema,
  auditSchema,
  errorsOf,
  type ListedAuditRecord
} from '@meridian/protocol/http'
import { parseWhole } from '@meridian/service'
import { everythingBelow, traitsOf } from '@meridian/subjects'
import { taiSecondsOf } from '@meridian/time'
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
/**
 * What was stored so long before a time is not looked at for a list from then on. Records are stored when they are told or later; so
 * that bound, which is of the broker's clock, leaves out only what a process tells whose clock is further ahead of it.
 */
const CLOCKS_APART_S = 60
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
      const query = parseQuery(request.query, site)
      void reply.header('cache-control', 'no-store')
      return reads.run(request, signal => readAudit({ broker: broker(), limits, signal }, query))
    }
  )
}

interface AuditQuery {
  readonly site: string
  readonly what: string | undefined
  readonly name: string | undefined
  readonly isRefused: boolean
  /** TAI seconds. */
  readonly from: number
  readonly to: number
  /** Sequence of the stream before which the list begins. */
  readonly before: number
  readonly limit: number
}

function parseQuery(texts: AuditQueryTexts, site: string): AuditQuery {
  const { what, name, refused, from, to, before, limit } = texts
  const largest = Number.MAX_SAFE_INTEGER
  return {
    ...{ site, what, name, isRefused: refused === 'true' },
    from: from === undefined ? 0 : instantOf('from', from),
    to: to === undefined ? Number.POSITIVE_INFINITY : instantOf('to', to),
    before: parseWhole('before', before, { least: 1, most: largest, usual: largest }),
    limit: parseWhole('limit', limit, { least: 1, most, usual })
  }
}

interface AuditReading {
  readonly broker: Broker
  readonly limits: ReadLimits
  readonly signal: AbortSignal
}

async function readAudit({ broker, limits, signal }: AuditReading, query: AuditQuery): Promise<AuditAnswer> {
  const { epoch, lastSeq } = await streamState(broker, AUDIT)
  const toSeq = Math.min(lastSeq, query.before - 1)
  const found: ListedAuditRecord[] = []
  let window: StreamMessage[] = []
  let readTo = toSeq + 1
  let isPast = false
  const end = await readNewestFirst(
    {
      ...{ broker, limits, patience: patienceOf(limits, signal), firstWindow: query.limit + 1 },
      onMessage: message => window.push(message),
      onWindow() {
        const stored = window.flatMap(storedOf).reverse()
        found.push(...stored.filter(record => isWanted(record, query)))
        readTo = window[0]?.seq ?? readTo
        isPast = window.some(({ timeUs }) => storedAt(timeUs) < query.from - CLOCKS_APART_S)
        window = []
      },
      isEnough: () => isPast || found.length > query.limit
    },
    {
      ...{ stream: AUDIT, epoch, toSeq, fromUs: 0, hasNewer: toSeq < lastSeq, messageBytes: RECORD_BYTES },
      subjects: [everythingBelow('audit', { site: query.site })]
    }
  )
  const records = found.slice(0, query.limit)
  const isCut = found.length > query.limit
  if (!isCut && (end === 'all' || isPast)) return { complete: true, records }
  const last = isCut ? found[query.limit - 1] : undefined
  return { complete: false, records, older: String(last?.seq ?? readTo) }
}

/** TAI seconds of a broker's time. */
const storedAt = (timeUs: number): number => taiSecondsOf(timeUs / 1_000)

function isWanted(record: AuditRecord, { what, name, isRefused, from, to }: AuditQuery): boolean {
  const isKind = what === undefined || record.what === what
  const isAbout = name === undefined || record.name === name || record.by === name
  const isOutcome = !isRefused || record.code !== undefined
  return isKind && isAbout && isOutcome && record.time >= from && record.time <= to
}

/** The record, where it is one. Notes of what was removed from streams are none. */
function storedOf({ seq, data }: StreamMessage): readonly ListedAuditRecord[] {
  const record = readRecord(data)
  return record === undefined ? [] : [{ ...record, seq }]
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
