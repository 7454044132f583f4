import { AppError, briefly } from '@meridian/errors'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'

/** The setting ALLOWED_ORIGINS, for a door that pages use; `parseOrigins` reads it. */
export const originSettings = {
  ALLOWED_ORIGINS: Type.String({
    default: '',
    description:
      'origins of pages, such as https://console.example, that count like those of the host that they ask, separated by commas; default: none'
  })
} as const

/** Reads ALLOWED_ORIGINS. Throws CFG_INVALID for an item that is no origin as browsers write it: it would match nothing. */
export function parseOrigins(text: string): readonly string[] {
  const origins = text
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '')
  for (const origin of origins)
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      throw new AppError('CFG_INVALID', {
        detail: `ALLOWED_ORIGINS: ${briefly(origin)} is no origin such as https://console.example`
      })
  return origins
}

/** What is known of where a page comes from, and where it asks. */
type OriginFacts = Pick<FastifyRequest, 'headers' | 'host' | 'protocol'>

/**
 * Programs send no Origin. A page must come from the host that it connects to, by the same protocol, also through a proxy
 * that is trusted, or from the list: a page that came in the clear may have been written by anybody on the way.
 */
export function isAllowedOrigin(request: OriginFacts, allowed: readonly string[]): boolean {
  const { origin } = request.headers
  if (origin === undefined || allowed.includes(origin)) return true
  const came = originOf(origin)
  return came !== undefined && ownOrigins(request).includes(came)
}

/** Why a page is refused, for whoever set up the door: which origin came, which would do, and which setting is missing. */
export function badOriginDetail(request: OriginFacts): string {
  const { origin } = request.headers
  const [expected = `the host that the request goes to`] = ownOrigins(request)
  const came = origin === undefined ? "'origin' is missing" : `'origin' is ${briefly(origin)}`
  return `${came}; expected: '${expected}'${adviceFor(origin, expected)}`
}

function adviceFor(origin: string | undefined, expected: string): string {
  if (origin === undefined) return ''
  const isOnlyInTheClear = origin === expected.replace(/^http:/, 'https:')
  return isOnlyInTheClear
    ? ', because the request came in the clear: the proxy that ends TLS must send X-Forwarded-Proto and be named in TRUSTED_PROXIES, or ALLOWED_ORIGINS have this origin'
    : ', or one of ALLOWED_ORIGINS; a proxy that gives another Host must send X-Forwarded-Host and be named in TRUSTED_PROXIES'
}

/** The origins of pages of ours: by the host as a trusted proxy tells it, and as it stands in the request. */
function ownOrigins({ host, headers, protocol }: OriginFacts): readonly string[] {
  // Of an upgrade some proxies say `wss` where a page says `https`.
  const scheme = protocol.replace(/^ws/, 'http')
  return [host, headers.host].flatMap(name => originOf(`${scheme}://${name}`) ?? [])
}

const originOf = (text: string): string | undefined => (URL.canParse(text) ? new URL(text).origin : undefined)
