import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'

/** Anybody can write such a header: so many addresses are told. */
const MOST_TOLD = 10

/**
 * Says once for each address that it speaks for others and is not believed: a proxy that TRUSTED_PROXIES does not name
 * would be one client to every limit, and its pages would have another origin than they ask for.
 */
export function tellStrangeProxies(app: FastifyInstance, log: Logger): void {
  const told = new Set<string>()
  app.addHook('onRequest', async ({ headers, ip, ips }) => {
    const isBelieved = ips !== undefined && ips.length > 1
    const isStrange = headers['x-forwarded-for'] !== undefined && !isBelieved
    if (!isStrange || told.has(ip) || told.size >= MOST_TOLD) return
    told.add(ip)
    log.warn(
      { address: ip },
      'X-Forwarded headers are not believed: if it is a proxy, name it in TRUSTED_PROXIES'
    )
  })
}
