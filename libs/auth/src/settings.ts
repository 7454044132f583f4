import { Type } from 'typebox'

/** Settings of a service that decides who may do what; spread into its own schema. */
export const accessSettings = {
  AUTH_MODE: Type.Enum(['open', 'local', 'oidc'], {
    default: 'open',
    description:
      'open: nobody logs in, for development; local: users of this site log in with a password; oidc: people log in through an OpenID provider'
  }),
  OPEN_ROLE: Type.String({
    default: 'operator',
    description: 'role of the site that everybody has in mode open'
  }),
  OPEN_TO_ALL: Type.Boolean({
    default: false,
    description:
      'whether mode open is meant although HOST is no loopback address: whoever reaches it may do what OPEN_ROLE may'
  })
} as const

/** What `accessSettings` say after validation. */
export interface AccessConfig {
  readonly AUTH_MODE: 'open' | 'local' | 'oidc'
  readonly OPEN_ROLE: string
  readonly OPEN_TO_ALL: boolean
}

/** The mode and, where everybody has one, the role, as a service tells them on `/readyz`. */
export const modeOf = ({
  AUTH_MODE: mode,
  OPEN_ROLE: role
}: Pick<AccessConfig, 'AUTH_MODE' | 'OPEN_ROLE'>) => (mode === 'open' ? { mode, role } : { mode })
