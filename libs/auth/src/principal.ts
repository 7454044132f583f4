/** Who a connection or a request speaks for. */
export interface Principal {
  /** `name` as it appears in records and logs. */
  readonly name: string
  readonly roles: readonly string[]
}

/** What a principal may do: the hook through which every door asks. Patterns and subjects are NATS's. */
export interface Rights {
  /** The parts of `pattern` that the principal may read; empty when none. */
  readable(principal: Principal, pattern: string): readonly string[]
  mayCommand(
    principal: Principal,
    target: { readonly csc: string; readonly index: number; readonly command: string }
  ): boolean
}

/** Development without log-in: everybody is `operator` and may do everything. A service that uses it says so in its log. */
export const openRights: Rights = {
  readable: (_principal, pattern) => [pattern],
  mayCommand: () => true
}

/** The principal of `open` mode. */
export const openPrincipal: Principal = { name: 'operator', roles: ['operator'] }
