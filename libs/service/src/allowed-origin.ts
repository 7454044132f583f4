import type { FastifyRequest } from 'fastify'

/**
 * Programs send no Origin. A page must come from the host that it connects to, by the same protocol, also through a proxy
 * that is trusted, or from the list: a page that came in the clear may have been written by anybody on the way.
 */
export function isAllowedOrigin(
  { headers, host, protocol }: Pick<FastifyRequest, 'headers' | 'host' | 'protocol'>,
  allowed: readonly string[]
): boolean {
  const { origin } = headers
  if (origin === undefined || allowed.includes(origin)) return true
  try {
    // Of an upgrade some proxies say `wss` where a page says `https`.
    const scheme = protocol.replace(/^ws/, 'http')
    return [host, headers.host].some(name => new URL(`${scheme}://${name}`).origin === new URL(origin).origin)
  } catch {
    return false
  }
}
