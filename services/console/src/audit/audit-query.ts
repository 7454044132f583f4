import { AUDIT_LIST_LIMITS } from '@meridian/protocol/http'

/** What the page of the audit shows, as its form says it. */
export interface AuditFilter {
  /** Whom it concerns, or who did it; empty: everybody. */
  readonly name: string
  /** A kind; empty: all. */
  readonly what: string
  readonly refused: boolean
  /** Minutes back from now; undefined: all of it, or what `from` and `to` say. */
  readonly lastMinutes: number | undefined
  /** UTC, as a field of date and time has it; empty: no bound. */
  readonly from: string
  readonly to: string
}

/** The filter that lets every record through. */
export const NO_FILTER: AuditFilter = {
  ...{ name: '', what: '', refused: false },
  ...{ lastMinutes: undefined, from: '', to: '' }
}

/** Records on one page. */
const PAGE = Math.min(100, AUDIT_LIST_LIMITS.most)

/** The query of `GET /api/audit`; `before` is what the answer with the page in front gave. */
export function auditQueryOf(filter: AuditFilter, before: string | undefined, nowMs: number): string {
  const { name, what, refused, lastMinutes, to } = filter
  const from =
    lastMinutes === undefined
      ? isoOf(filter.from, '00.000')
      : new Date(nowMs - lastMinutes * 60_000).toISOString()
  const query = {
    ...(name.trim() !== '' && { name: name.trim() }),
    ...(what !== '' && { what }),
    ...(refused && { refused: 'true' }),
    ...(from !== undefined && { from }),
    ...(lastMinutes === undefined && to !== '' && { to: isoOf(to, '59.999') ?? '' }),
    ...(before !== undefined && { before }),
    limit: String(PAGE)
  }
  return new URLSearchParams(query).toString()
}

/** A field holds minutes: the first one begins with its first second, the last one ends with its last. */
const isoOf = (field: string, seconds: string): string | undefined =>
  field === '' ? undefined : `${field.slice(0, 16)}:${seconds}Z`
