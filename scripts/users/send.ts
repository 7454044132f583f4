import { request as askClear } from 'node:http'
import { request as askSecurely } from 'node:https'
import { text } from 'node:stream/consumers'

/** One request with an answer that is text. */
export interface Sent {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** A CA that is trusted in place of the system's: the text of a PEM file. */
  readonly ca?: string | undefined
  readonly timeoutMs: number
}

/** The api's answer to one request. */
export interface Answered {
  readonly status: number
  readonly text: string
}

/** Sends a request over HTTP or HTTPS. `fetch` takes no CA. */
export function send(url: URL, { method, headers, body = '', ca, timeoutMs }: Sent): Promise<Answered> {
  return new Promise((resolve, reject) => {
    // Node itself tells no length of what goes with a DELETE.
    const length = { 'content-length': String(Buffer.byteLength(body)) }
    const all = body === '' ? headers : { ...headers, ...length }
    const options = { method, headers: all, agent: false, signal: AbortSignal.timeout(timeoutMs) } as const
    const sent =
      url.protocol === 'https:'
        ? askSecurely(url, { ...options, ...(ca !== undefined && { ca }) })
        : askClear(url, options)
    sent.once('error', reject)
    sent.once('response', answer =>
      text(answer).then(told => resolve({ status: answer.statusCode ?? 0, text: told }), reject)
    )
    sent.end(body)
  })
}
