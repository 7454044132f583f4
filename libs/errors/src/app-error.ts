import { type Code, type CodeEntry, codes } from './codes.ts'

/** Facts that go with an error to whoever it concerns: never a secret, a cause or a stack. */
export type Facts = Readonly<Record<string, unknown>>

/** The error as every door sends it: JSON over HTTP, WebSocket and NATS alike. */
export interface WireError {
  readonly code: string
  readonly message: string
  readonly canRetry: boolean
  readonly facts?: Facts
}

/** An error with a code of the table. `cause` is kept for logs and never crosses the wire; `facts` do. */
export class AppError extends Error {
  readonly code: Code
  readonly facts: Facts

  constructor(code: Code, options: { readonly cause?: unknown; readonly detail?: string } & Facts = {}) {
    const { cause, detail, ...facts } = options
    super(`${code}: ${codes[code].message}${detail === undefined ? '' : `: ${detail}`}`, { cause })
    this.name = 'AppError'
    this.code = code
    this.facts = facts
  }

  /** The sentence after the code and its constant message, if there was one. */
  get detail(): string | undefined {
    const detail = this.message.slice(`${this.code}: ${this.entry.message}: `.length)
    return detail === '' ? undefined : detail
  }

  /** The same error with more facts, or under another code; this one is its cause. */
  with(facts: Facts, code: Code = this.code): AppError {
    const { detail } = this
    return new AppError(code, {
      ...{ ...this.facts, ...facts, cause: this },
      ...(detail !== undefined && { detail })
    })
  }

  /** The entry of the table for this error. */
  get entry(): CodeEntry {
    return codes[this.code]
  }

  /** Turns anything caught into an AppError; what is one already stays itself. */
  static from(caught: unknown, fallback: Code = 'GEN_INTERNAL'): AppError {
    return caught instanceof AppError ? caught : new AppError(fallback, { cause: caught })
  }

  /** What may be shown to the other side. An unexpected error tells its code only. */
  toWire(): WireError {
    const { message, canRetry } =
      this.code === 'GEN_INTERNAL'
        ? codes.GEN_INTERNAL
        : { message: this.message, canRetry: this.entry.canRetry }
    const wire = { code: this.code, message, canRetry }
    return Object.keys(this.facts).length === 0 ? wire : { ...wire, facts: this.facts }
  }
}
