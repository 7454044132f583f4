/** What one error code means to a program: a constant message, whether trying again can help, and how each door says it. */
export interface CodeEntry {
  readonly message: string
  readonly canRetry: boolean
  /** HTTP status, where an HTTP door answers with this code; 500 otherwise. */
  readonly http?: number
  /** WebSocket close code, where this error ends a connection. */
  readonly close?: number
}

/**
 * Every error that Meridian reports, by its code. Codes are never reused. `docs/errors.md` lists the same set; a test
 * compares both ways. Prefix: the part that raises it (GEN any, CFG configuration, NET HTTP, BRK broker, WIR bytes and names, CAT catalogue,
 * PRD producer, GTW gateway, CMD commands, API, SIM simulator, SDK client, SYS the start command).
 */
export const codes = {
  GEN_INTERNAL: { message: 'unexpected error', canRetry: false, http: 500 },
  CFG_INVALID: { message: 'configuration is invalid', canRetry: false },
  BRK_UNAVAILABLE: { message: 'broker is not reachable', canRetry: true, http: 503 },
  BRK_NO_RESPONDERS: { message: 'nobody serves this subject', canRetry: true, http: 503 },
  BRK_TIMEOUT: { message: 'broker did not answer in time', canRetry: true, http: 504 },
  WIR_BAD_SUBJECT: { message: 'subject is malformed', canRetry: false, http: 400 },
  WIR_BAD_PATTERN: { message: 'pattern is malformed', canRetry: false, http: 400 },
  WIR_BAD_SAMPLE: { message: 'bytes are not a sample', canRetry: false }
} as const satisfies Record<string, CodeEntry>

/** One of the codes of the table. */
export type Code = keyof typeof codes
