/** Who a connection or a request speaks for. */
export interface Principal {
  /** `name` as it appears in records and logs. */
  readonly name: string
  readonly roles: readonly string[]
}

/**
 * What a principal may do. Every door asks through this interface, so that a deployment can put its own rules
 * in place. Patterns are those of NATS.
 */
export interface Rights {
  /** The patterns within `pattern` that the principal may read; empty where it may read nothing of it. */
  readable(principal: Principal, pattern: string): readonly string[]
  /** Whether the principal may send this command to this instance. */
  mayCommand(
    principal: Principal,
    target: { readonly csc: string; readonly index: number; readonly command: string }
  ): boolean
}

/**
 * The rights of `open` mode, for development without log-in: everybody may read and command everything. A
 * service that uses it logs a warning.
 */
export const openRights: Rights = {
  readable: (_principal, pattern) => [pattern],
  mayCommand: () => true
}

/** The principal that every connection and request has in `open` mode: nobody is logged in. */
export const openPrincipal: Principal = { name: 'anonymous', roles: ['operator'] }
