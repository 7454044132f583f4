import { type ClientRequest, get, type IncomingMessage } from 'node:http'
import { waitFor } from '@meridian/testing'

/** One event as an EventSource hands it over; the name of data is `message`. */
export interface SentEvent {
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Only a failure takes as long. */
const WAIT_MS = 30_000

/** A client of `/live/events` that reads as the standard says (HTML, 9.2.6) and keeps every event in order. */
export class EventClient {
  readonly events: SentEvent[] = []
  status = 0
  headers: IncomingMessage['headers'] = {}
  /** The newest id: what a browser sends as `Last-Event-ID`. */
  lastId = ''
  retryMs: number | undefined
  isEnded = false
  /** What came that is no event: the body of a refusal, comments. */
  text = ''
  response: IncomingMessage | undefined
  readonly #request: ClientRequest

  constructor(port: number, query: string, headers: Record<string, string> = {}) {
    this.#request = get({ host: '127.0.0.1', port, path: `/live/events?${query}`, headers, agent: false })
    this.#request.on('response', response => this.#read(response))
    this.#request.on('error', () => {
      this.isEnded = true
    })
  }

  named(name: string): SentEvent['data'][] {
    return this.events.filter(event => event.name === name).map(({ data }) => data)
  }

  /** Waits until there have been `count` events of a name; gives the last of them. */
  async next(name: string, count = 1): Promise<SentEvent['data']> {
    await waitFor(() => this.named(name).length >= count, {
      timeoutMs: WAIT_MS,
      what: `${count} of ${name}; status ${this.status}, ${this.text}`
    })
    return this.named(name)[count - 1] as SentEvent['data']
  }

  async ended(): Promise<this> {
    await waitFor(() => this.isEnded, { timeoutMs: WAIT_MS, what: 'the answer to end' })
    return this
  }

  close(): void {
    this.#request.destroy()
  }

  #read(response: IncomingMessage): void {
    this.status = response.statusCode ?? 0
    this.headers = response.headers
    this.response = response
    let rest = ''
    response.setEncoding('utf8')
    response.on('data', (text: string) => {
      this.text += text
      const blocks = (rest + text).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) this.#take(block)
    })
    response.on('close', () => {
      this.isEnded = true
    })
    response.on('error', () => {})
  }

  #take(block: string): void {
    let name = 'message'
    const data: string[] = []
    for (const line of block.split('\n')) {
      const [field = '', value = ''] = line.split(/: ?(.*)/s)
      if (field === 'event') name = value
      else if (field === 'data') data.push(value)
      else if (field === 'id') this.lastId = value
      else if (field === 'retry') this.retryMs = Number(value)
    }
    if (data.length > 0) this.events.push({ name, data: JSON.parse(data.join('\n')) })
  }
}
