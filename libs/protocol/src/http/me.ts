import { Type } from 'typebox'
import type { Answer } from './answer.ts'

const roleSchema = Type.Object({
  read: Type.Array(Type.String(), { description: 'patterns of subjects' }),
  command: Type.Array(Type.String(), { description: '`Component.command`, with `*` for any letters' }),
  users: Type.Optional(Type.Boolean({ description: 'whether users may be managed; default: no' }))
})

/** Answer of `GET /api/me`. */
export const meSchema = Type.Object({
  mode: Type.Enum(['open', 'local', 'oidc'], {
    description:
      'how one logs in; open: nobody does, local: with a password, oidc: through an OpenID provider'
  }),
  name: Type.String({ description: 'the name that stands in the record of commands' }),
  roles: Type.Array(Type.String(), { description: 'the roles of whoever asks' }),
  secondsLeft: Type.Optional(
    Type.Number({
      description: 'seconds until the access token ends: refresh the session before; absent in mode open'
    })
  ),
  scopes: Type.Optional(
    Type.Array(Type.String(), {
      description: 'what of it a personal token was made for: read, command; absent for whoever logged in'
    })
  ),
  siteRoles: Type.Record(Type.String(), roleSchema, {
    description: 'all roles of the site, and what each may read and command'
  })
})

/** Answer of `GET /api/me`: who asks, and what he may. */
export type MeAnswer = Answer<typeof meSchema>
