/**
 * Bounds on what may be asked for and recorded. Every door, the commanders, the components and the SDK use
 * these, so that nothing passes one of them and is refused by the next.
 */
export const COMMAND_LIMITS = {
  /** Objects and arrays inside each other in `params`, itself included. */
  paramsDepth: 30,
  /** Longest time from acceptance to dispatch that may be asked for, seconds. */
  notAfterSeconds: 3_600,
  /** The same where nothing was asked for. */
  defaultNotAfterSeconds: 10,
  /** Longest time that an acknowledgement may ask for, seconds. */
  timeoutSeconds: 86_400,
  /** Greatest index of an instance. */
  index: 0x7fffffff
} as const

/** Bounds on the messages of commands, which services alone look at; a page does not carry them. */
export const COMMAND_SIZES = {
  /** Bytes of a request on `cmd.`, JSON. */
  payloadBytes: 65_536,
  /**
   * Bytes of a request on `exec.`, JSON: the parameters with their defaults are longer than what was asked.
   */
  execBytes: 262_144,
  /** Characters of a `result`; what is longer is cut. */
  resultLength: 2_000,
  /** Characters of the name of a principal, a role or a door. */
  nameLength: 200,
  /** Roles of a principal. */
  roles: 100
} as const

/** A command id: a ULID in lower case. Its first character is at most 7, for a ULID has 128 bits. */
export const COMMAND_ID = '^[0-7][0-9a-hjkmnp-tv-z]{25}$'

/** The name of a component or a command: a token of a subject. */
export const COMMAND_NAME = '^[A-Za-z0-9_=-]{1,120}$'

/** The id of a request on `exec.`: whoever tries a component by hand may use any short one. */
export const EXEC_ID = '^[A-Za-z0-9_-]{1,64}$'
