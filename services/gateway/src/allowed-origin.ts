import { AppError, briefly } from '@meridian/errors'
import type { FastifyRequest } from 'fastify'

/** Throws GTW_BAD_ORIGIN for a page that may not connect. */
export function assertOrigin(request: FastifyRequest, allowed: readonly string[]): void {
  if (isAllowedOrigin(request, allowed)) return
  throw new AppError('GTW_BAD_ORIGIN', {
    detail: `${briefly(request.headers.origin)}; expected: the host that it connects to, or one of the setting ALLOWED_ORIGINS`
  })
}

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
