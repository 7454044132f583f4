import type { Access } from '@meridian/auth'
import { AppError } from '@meridian/errors'
import type { FastifyInstance } from 'fastify'
import type { RightsOf } from '../request-rights.ts'
import type { Accounts, AccountsPart } from './accounts.ts'
import { addOidcRoutes } from './oidc-routes.ts'
import { addPasswordRefusal } from './password-routes.ts'
import { addPersonalTokenRoutes } from './personal-token-routes.ts'
import { addSessionRoutes } from './session-routes.ts'
import { addUserRoutes } from './user-routes.ts'
import { assertPerson } from './who-asks.ts'

/** What the routes of users and sessions need; without `part`, in open mode, each answers AUT_NO_LOGIN. */
export interface AuthRoutesOptions {
  readonly access: Access
  readonly rightsOf: RightsOf
  readonly part: AccountsPart | undefined
}

/** What a route reaches once the part has started. */
export interface AuthRoutes {
  readonly access: Access
  readonly rightsOf: RightsOf
  readonly accounts: () => Accounts
}

const BODY_LIMIT = 8_192

/** Adds the routes of users, sessions and personal tokens. */
export function addAuthRoutes(app: FastifyInstance, { access, rightsOf, part }: AuthRoutesOptions): void {
  const accounts = (): Accounts => {
    if (part === undefined) throw new AppError('AUT_NO_LOGIN')
    return part.accounts()
  }
  void app.register((scope, _options, done) => {
    scope.addHook('onRoute', route => {
      route.bodyLimit = BODY_LIMIT
    })
    scope.addHook('onRequest', async (request, reply) => {
      void reply.header('cache-control', 'no-store')
      accounts()
      assertPerson(request)
    })
    addPasswordRefusal(scope, accounts)
    addOidcRoutes(scope, accounts)
    addSessionRoutes(scope, { access, rightsOf, accounts })
    addUserRoutes(scope, { access, rightsOf, accounts })
    addPersonalTokenRoutes(scope, { access, rightsOf, accounts })
    done()
  })
}
