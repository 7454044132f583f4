import { AppError, briefly } from '@meridian/errors'
import { isAllowedOrigin } from '@meridian/service'
import type { FastifyRequest } from 'fastify'

/** Throws GTW_BAD_ORIGIN for a page that may not connect. */
export function assertOrigin(request: FastifyRequest, allowed: readonly string[]): void {
  if (isAllowedOrigin(request, allowed)) return
  throw new AppError('GTW_BAD_ORIGIN', {
    detail: `${briefly(request.headers.origin)}; expected: the host that it connects to, or one of the setting ALLOWED_ORIGINS`
  })
}
