import type { FastifyRequest } from 'fastify'

/**
 * Programs send no Origin. A page must come from the host that it connects to, also through a proxy that is
 * trusted, or from the list.
 */
export function isAllowedOrigin(
  { headers, host }: Pick<FastifyRequest, 'headers' | 'host'>,
  allowed: readonly string[]
): boolean {
  const { origin } = headers
  if (origin === undefined || allowed.includes(origin)) return true
  try {
    return [host, headers.host].includes(new URL(origin).host)
  } catch {
    return false
  }
}
