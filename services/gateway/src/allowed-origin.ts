import { AppError } from '@meridian/errors'
import { badOriginDetail, isAllowedOrigin } from '@meridian/service'
import type { FastifyRequest } from 'fastify'

/** Throws GTW_BAD_ORIGIN for a page that may not connect. */
export function assertOrigin(request: FastifyRequest, allowed: readonly string[]): void {
  if (isAllowedOrigin(request, allowed)) return
  throw new AppError('GTW_BAD_ORIGIN', { detail: badOriginDetail(request) })
}
