import { ACCESS_COOKIE } from '@meridian/auth'
import { AppError } from '@meridian/errors'
import { badOriginDetail, isAllowedOrigin } from '@meridian/service'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { REFRESH_COOKIE, SESSION_PATH } from './cookies.ts'

const READING = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses with AUT_BAD_ORIGIN what a page of elsewhere would change in the name of whoever is logged in: a request that
 * changes something and brings a cookie of ours must name its own host as its origin, which every browser does, or one of
 * `allowed`. So
 * must a log-in that names any: a page of elsewhere could log somebody in as another. Programs without cookies name none.
 */
export function addOriginCheck(app: FastifyInstance, allowed: readonly string[]): void {
  app.addHook('onRequest', async request => {
    if (READING.has(request.method)) return
    const { origin } = request.headers
    const isMeant = hasCookie(request) || (origin !== undefined && request.routeOptions.url === SESSION_PATH)
    if (!isMeant || (origin !== undefined && isAllowedOrigin(request, allowed))) return
    throw new AppError('AUT_BAD_ORIGIN', { detail: badOriginDetail(request) })
  })
}

const hasCookie = ({ cookies }: FastifyRequest): boolean =>
  cookies[ACCESS_COOKIE] !== undefined || cookies[REFRESH_COOKIE] !== undefined
