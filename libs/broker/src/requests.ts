import type { AppError } from '@meridian/errors'
import { errors, type Msg, type NatsConnection } from '@nats-io/nats-core'
import { brokerErrorOf } from './broker-error.ts'
import type { PermissionListener } from './internals.ts'
import { natsHeadersOf } from './message.ts'

/**
 * Requests and their answers, on one reply subject of the connection. Each of those of nats.js makes an
 * error with its stack at its end, also where it was answered, which was a tenth of a commander's work
 * [docs/benchmarks.md].
 */
export interface Requests {
  /**
   * Resolves with the first answer. Rejects with BRK_NO_RESPONDERS, BRK_TIMEOUT, BRK_NOT_PERMITTED, or
   * BRK_UNAVAILABLE where the connection is closed or `fail` is called meanwhile.
   */
  ask(subject: string, data: Uint8Array | string, options: RequestOptions): Promise<Msg>
  /** The connection is lost: no answer will come to what is asked. */
  fail(error: AppError): void
}

interface RequestOptions {
  readonly timeoutMs: number
  readonly headers?: Readonly<Record<string, string>>
}

/** A request that waits for its answer. */
interface OpenRequest {
  readonly subject: string
  readonly timer: NodeJS.Timeout
  readonly resolve: (answer: Msg) => void
  readonly reject: (error: AppError) => void
}

const NO_RESPONDERS = 503

/** Where requests go, a new reply subject of the connection, and who tells of refused operations. */
export interface RequestsOptions {
  readonly nc: NatsConnection
  readonly newInbox: () => string
  readonly permissionListeners: Set<PermissionListener>
}

/** Creates the requests of one connection; it subscribes to its answers with the first one. */
export function createRequests({ nc, newInbox, permissionListeners }: RequestsOptions): Requests {
  const open = new Map<string, OpenRequest>()
  let inbox: string | undefined
  let count = 0

  function take(token: string): OpenRequest | undefined {
    const request = open.get(token)
    if (request === undefined) return undefined
    open.delete(token)
    clearTimeout(request.timer)
    return request
  }

  function failWhere(isConcerned: (request: OpenRequest) => boolean, error: unknown): boolean {
    const concerned = [...open].filter(([, request]) => isConcerned(request))
    for (const [token, { subject }] of concerned) take(token)?.reject(brokerErrorOf(error, subject))
    return concerned.length > 0
  }

  function onAnswer(token: string, answer: Msg): void {
    const request = take(token)
    if (request === undefined) return
    const isUnserved = answer.data.length === 0 && answer.headers?.code === NO_RESPONDERS
    if (!isUnserved) request.resolve(answer)
    else request.reject(brokerErrorOf(new errors.NoRespondersError(request.subject), request.subject))
  }

  function listen(): string {
    const prefix = newInbox()
    const onMessage = (error: Error | null, answer: Msg): void => {
      if (error === null) {
        onAnswer(answer.subject.slice(prefix.length + 1), answer)
        return
      }
      // The broker ended the subscription: the next request tries another one.
      inbox = undefined
      failWhere(() => true, error)
    }
    nc.subscribe(`${prefix}.*`, { callback: onMessage })
    return prefix
  }

  permissionListeners.add((operation, subject) => {
    const error = new errors.PermissionViolationError(`no right to publish on ${subject}`, operation, subject)
    return operation === 'publish' && failWhere(request => request.subject === subject, error)
  })

  return {
    ask: (subject, data, { timeoutMs, headers }) =>
      new Promise((resolve, reject) => {
        inbox ??= listen()
        const token = String(++count)
        const onTimeout = (): void => take(token)?.reject(brokerErrorOf(new errors.TimeoutError(), subject))
        nc.publish(subject, data, {
          reply: `${inbox}.${token}`,
          ...(headers !== undefined && { headers: natsHeadersOf(headers) })
        })
        open.set(token, { subject, timer: setTimeout(onTimeout, timeoutMs), resolve, reject })
      }),
    fail: error => void failWhere(() => true, error)
  }
}
