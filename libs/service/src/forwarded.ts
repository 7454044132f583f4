import { isIP } from 'node:net'
import { createRarely } from '@meridian/broker'
import { briefly } from '@meridian/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Metrics } from './metrics.ts'

/** Where what is no address is told and counted. */
export interface ForwardedReports {
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'counter'>
}

const TOLD_EVERY_MS = 60_000
/** Characters of an address: one of IPv6 has 45, with brackets, a zone and a port some more. */
const MOST_LENGTH = 64
const PROTO = 'x-forwarded-proto'

/**
 * Takes of what proxies say what can be true, before limits, routes and the audit see it. Whether it is believed at all TRUSTED_PROXIES
 * says. What a trusted proxy passes on as an address and is none is dropped: the request counts as the proxy's own, which is counted
 * and logged.
 */
export function checkForwarded(app: FastifyInstance, { log, metrics }: ForwardedReports): void {
  const counter = metrics.counter('meridian_http_bad_forwarded_total')
  const rarely = createRarely({ everyMs: TOLD_EVERY_MS })
  app.addHook('onRequest', async request => {
    keepFirstProtocol(request)
    const came = keepAddresses(request)
    if (came === undefined) return
    counter.inc()
    const { ip: proxy } = request
    rarely(
      'bad address',
      times => log.warn({ proxy, came: briefly(came), times }, 'X-Forwarded-For of a proxy holds no address'),
      proxy
    )
  })
}

/**
 * Of several protocols, one of each proxy, the first: how the client came, where Fastify would take that of the last step. No
 * page writes it: a browser asks before it sends such a header elsewhere, and no door here says yes.
 */
function keepFirstProtocol({ raw: { headers } }: FastifyRequest): void {
  const { [PROTO]: told } = headers
  if (told !== undefined) headers[PROTO] = String(told).split(',')[0]?.trim().toLowerCase()
}

/**
 * Leaves in the header the addresses that are believed. Those of trusted proxies are addresses; the last, which the outermost of
 * them told, may be anything: the text, where it is no address.
 */
function keepAddresses({ ips = [], raw: { headers, socket } }: FastifyRequest): string | undefined {
  const [, ...told] = ips
  const last = told.pop()
  if (last === undefined) return undefined
  const address = addressIn(last)
  const kept = address === undefined ? told : [...told, address]
  // The header stays, with the proxy itself in it: what was forwarded is never taken for local.
  headers['x-forwarded-for'] = kept.length === 0 ? socket.remoteAddress : kept.toReversed().join(', ')
  return address === undefined ? last : undefined
}

/** Some proxies add the port. */
const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?$/

function addressIn(text: string): string | undefined {
  if (text.length > MOST_LENGTH) return undefined
  const [, six, four] = WITH_PORT.exec(text) ?? []
  const address = six ?? four ?? text
  return isIP(address) === 0 ? undefined : address
}
