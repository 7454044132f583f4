import { isInbox } from '@meridian/subjects'
import { type Msg, type MsgHdrs, headers as newHeaders } from '@nats-io/nats-core'
import type { BrokerMessage } from './broker.ts'

const decoder = new TextDecoder()
const NO_RESPONDERS = 503

/**
 * The message of nats.js as the rest of the system sees it; `onNoInbox` is told where an answer was due on a reply subject
 * that is no inbox, and was not sent.
 */
export const createMessage = (message: Msg, onNoInbox = (): void => {}): BrokerMessage =>
  new NatsMessage(message, onNoInbox)

class NatsMessage implements BrokerMessage {
  readonly #message: Msg
  readonly #onNoInbox: () => void

  constructor(message: Msg, onNoInbox: () => void) {
    this.#message = message
    this.#onNoInbox = onNoInbox
  }

  get subject(): string {
    return this.#message.subject
  }

  get reply(): string | undefined {
    return this.#message.reply || undefined
  }

  get data(): Uint8Array {
    return this.#message.data
  }

  get noResponders(): boolean {
    return this.#message.data.length === 0 && this.#message.headers?.code === NO_RESPONDERS
  }

  text(): string {
    return decoder.decode(this.#message.data)
  }

  headers(): Record<string, string> {
    return headersOf(this.#message)
  }

  respond(data: Uint8Array | string, headers?: Readonly<Record<string, string>>): void {
    const { reply } = this
    if (reply !== undefined && !isInbox(reply)) this.#onNoInbox()
    else if (headers === undefined) this.#message.respond(data)
    else this.#message.respond(data, { headers: natsHeadersOf(headers) })
  }
}

/** Headers of a message as nats.js gives them: each name once, with its last value. */
export function headersOf({ headers }: Pick<Msg, 'headers'>): Record<string, string> {
  const result: Record<string, string> = {}
  for (const name of headers?.keys() ?? []) result[name] = headers?.last(name) ?? ''
  return result
}

/** Headers as nats.js takes them. */
export function natsHeadersOf(headers: Readonly<Record<string, string>>): MsgHdrs {
  const result = newHeaders()
  for (const [name, value] of Object.entries(headers)) result.set(name, value)
  return result
}
