import { AppError } from '@meridian/errors'
import type { FastifyInstance } from 'fastify'
import type { Accounts } from './accounts.ts'
import { SESSION_PATH } from './cookies.ts'

/** Routes that are about passwords, and users who have one. */
const PASSWORD_ROUTES: ReadonlySet<string> = new Set([
  `POST ${SESSION_PATH}`,
  'POST /api/users',
  'GET /api/users/first',
  'POST /api/users/first',
  'POST /api/me/password'
])

/** Refuses what is about passwords with AUT_NO_PASSWORDS where people log in through a provider. */
export function addPasswordRefusal(app: FastifyInstance, accounts: () => Accounts): void {
  app.addHook('onRequest', async ({ method, routeOptions }) => {
    if (!PASSWORD_ROUTES.has(`${method} ${routeOptions.url}`)) return
    const { oidc } = accounts()
    if (oidc !== undefined) throw new AppError('AUT_NO_PASSWORDS', { detail: `log in through ${oidc.title}` })
  })
}
