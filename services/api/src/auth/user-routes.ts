import { type StoredUser, type User, userOf } from '@meridian/auth/users'
import {
  errorsOf,
  type FirstUserBody,
  type FirstWantedAnswer,
  firstUserSchema,
  firstWantedSchema,
  type NewUserBody,
  newUserSchema,
  type OwnPasswordBody,
  ownPasswordSchema,
  USER_LIMITS,
  type UserAnswer,
  type UserChangesBody,
  type UsersAnswer,
  userChangesSchema,
  userSchema,
  usersSchema
} from '@meridian/protocol/http'
import { taiSecondsOf } from '@meridian/time'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { announceChanges, announceGiving, announceRemoval } from './announce-change.ts'
import type { AuthRoutes } from './auth-routes.ts'
import { clearCookies } from './cookies.ts'
import { actorOf, assertManager, fromOf } from './who-asks.ts'

const params = Type.Object({
  name: Type.String({ maxLength: USER_LIMITS.name, description: 'name of a user' })
})

/** Adds the routes by which users are made, changed and removed, and change their own password. */
export function addUserRoutes(app: FastifyInstance, auth: AuthRoutes): void {
  addFirstRoute(app, auth)
  addFirstWantedRoute(app, auth)
  addListRoute(app, auth)
  addMakeRoute(app, auth)
  addChangeRoute(app, auth)
  addRemoveRoute(app, auth)
  addPasswordRoute(app, auth)
}

function addFirstRoute(app: FastifyInstance, { accounts }: AuthRoutes): void {
  app.post<{ Body: FirstUserBody }>(
    '/api/users/first',
    {
      config: { isPublic: true },
      schema: {
        tags: ['users'],
        summary: 'Make the first user, who may manage users, with the token that an api has logged',
        body: firstUserSchema,
        response: { 201: userSchema, ...errorsOf(400, 403, 404, 409, 413, 415, 503, 504) }
      }
    },
    async (request, reply) => {
      const { token, name, fullName = '', password } = request.body
      const made = await accounts().first.use(token, { name, fullName, password }, request.ip)
      return reply.code(201).send(answerOf(made))
    }
  )
}

function addFirstWantedRoute(app: FastifyInstance, { accounts }: AuthRoutes): void {
  app.get(
    '/api/users/first',
    {
      config: { isPublic: true },
      schema: {
        tags: ['users'],
        summary:
          'Whether the first administrator is to be made, and others can log in, by which a page knows what to ask for; a moment late',
        response: { 200: firstWantedSchema, ...errorsOf(404, 503) }
      }
    },
    async (): Promise<FirstWantedAnswer> => {
      const { administrators, userList } = accounts()
      return { wanted: administrators() === 0, others: [...userList.values()].some(canLogIn) }
    }
  )
}

function addListRoute(app: FastifyInstance, { rightsOf, accounts }: AuthRoutes): void {
  app.get(
    '/api/users',
    {
      schema: {
        tags: ['users'],
        summary: 'All users, a moment late; for whoever may manage users',
        response: { 200: usersSchema, ...errorsOf(401, 403, 404, 503) }
      }
    },
    async (request): Promise<UsersAnswer> => {
      assertManager(rightsOf(request))
      const { userList, unreadableUsers } = accounts()
      const users = [...userList].map(([name, stored]) => answerOf(userOf(name, stored)))
      return {
        users: users.sort((a, b) => (a.name < b.name ? -1 : 1)),
        unreadable: [...unreadableUsers].sort().map(name => ({ name, code: 'AUT_BAD_RECORD' }))
      }
    }
  )
}

function addMakeRoute(app: FastifyInstance, { rightsOf, accounts }: AuthRoutes): void {
  app.post<{ Body: NewUserBody }>(
    '/api/users',
    {
      schema: {
        tags: ['users'],
        summary: 'Make a user; for whoever may manage users',
        body: newUserSchema,
        response: { 201: userSchema, ...errorsOf(400, 401, 403, 404, 409, 413, 415, 503, 504) }
      }
    },
    async (request, reply) => {
      const asker = rightsOf(request)
      assertManager(asker)
      await announceGiving(accounts(), actorOf(asker, request), request.body.name)
      const { fullName = '', ...rest } = request.body
      const made = await accounts().users.make(actorOf(rightsOf(request), request), { ...rest, fullName })
      return reply.code(201).send(answerOf(made))
    }
  )
}

function addChangeRoute(app: FastifyInstance, { rightsOf, accounts }: AuthRoutes): void {
  app.patch<{ Body: UserChangesBody; Params: { name: string } }>(
    '/api/users/:name',
    {
      schema: {
        tags: ['users'],
        summary: 'Change a user; what is not named stays. For whoever may manage users',
        params,
        body: userChangesSchema,
        response: { 200: userSchema, ...errorsOf(400, 401, 403, 404, 409, 413, 415, 503, 504) }
      }
    },
    async (request): Promise<UserAnswer> => {
      const asker = rightsOf(request)
      assertManager(asker)
      const actor = actorOf(asker, request)
      const { name } = request.params
      const changes = await announceChanges(accounts(), actor, { name, changes: request.body })
      return answerOf(await accounts().users.change(actorOf(rightsOf(request), request), name, changes))
    }
  )
}

function addRemoveRoute(app: FastifyInstance, { rightsOf, accounts }: AuthRoutes): void {
  app.delete<{ Params: { name: string } }>(
    '/api/users/:name',
    {
      schema: {
        tags: ['users'],
        summary: 'Remove a user, and end his sessions; for whoever may manage users',
        params,
        response: { 204: Type.Null(), ...errorsOf(400, 401, 403, 404, 409, 503, 504) }
      }
    },
    async (request, reply) => {
      const asker = rightsOf(request)
      assertManager(asker)
      await announceRemoval(accounts(), actorOf(asker, request), request.params.name)
      await accounts().users.remove(actorOf(rightsOf(request), request), request.params.name)
      return reply.code(204).send()
    }
  )
}

function addPasswordRoute(app: FastifyInstance, { rightsOf, accounts }: AuthRoutes): void {
  app.post<{ Body: OwnPasswordBody }>(
    '/api/me/password',
    {
      schema: {
        tags: ['users'],
        summary: "Change one's own password; all own sessions end, this one too: log in again",
        body: ownPasswordSchema,
        response: { 204: Type.Null(), ...errorsOf(400, 401, 403, 404, 409, 413, 415, 429, 503, 504) }
      }
    },
    async (request, reply) => {
      const { principal } = rightsOf(request)
      await accounts().logIn.changePassword(principal.name, request.body, fromOf(request))
      clearCookies(request, reply)
      return reply.code(204).send()
    }
  )
}

/** With a password, in mode local. */
const canLogIn = ({ disabled, provider }: StoredUser): boolean => !disabled && provider === undefined

const answerOf = ({ madeAt, changedAt, ...user }: User): UserAnswer => ({
  ...{ ...user, madeAt: taiSecondsOf(madeAt), changedAt: taiSecondsOf(changedAt) }
})
