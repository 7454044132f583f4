import { ANONYMOUS } from '@meridian/protocol/commands'

/** Who a connection or a request speaks for. */
export interface Principal {
  /** `name` as it appears in records and logs. */
  readonly name: string
  /** Names of roles of the site; what they allow is said in its file. */
  readonly roles: readonly string[]
}

/** The principal of every connection and request in `open` mode, with the role that the mode gives. */
export const openPrincipal = (role: string): Principal => ({ name: ANONYMOUS, roles: [role] })
