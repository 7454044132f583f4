import { type Client, createClient, type Outcome } from '@meridian/client'
import { createHistory, type History } from '@meridian/testing'
import { WebSocket } from 'ws'
import type { Publishing } from './publishing.ts'
import { publishedPattern } from './publishing.ts'
import { createRawClient } from './raw-client.ts'

/** A client whose history is judged. */
export interface ChaosClient {
  readonly name: string
  readonly stream: 'EVT' | 'TEL'
  readonly promised: 'all' | 'latest'
  readonly history: History
  /** The newest value that it has of a subject. */
  last(subject: string): string | undefined
  close(): void
}

/** Where clients connect, and what they are judged by. */
export interface ClientsOptions {
  readonly site: string
  readonly ports: readonly number[]
  readonly publishing: Readonly<Record<'EVT' | 'TEL', Publishing>>
}

/** The stream is another one, or goes on without what was missed. */
const isAnew = (kind: string): kind is 'reset' | 'snapshot' => kind === 'reset' || kind === 'snapshot'

/** Opens clients of every kind: the SDK and plain ones, both codecs, `all` and `latest`, on EVT and TEL. */
export function openClients(options: ClientsOptions): readonly ChaosClient[] {
  return [
    sdkClient('sdk-1', 'EVT', 'all', options),
    sdkClient('sdk-2', 'EVT', 'all', options, 'json'),
    sdkClient('sdk-3', 'TEL', 'all', options),
    sdkClient('sdk-latest-1', 'TEL', 'latest', options),
    sdkClient('sdk-latest-2', 'EVT', 'latest', options, 'json'),
    rawClient('raw-1', 'EVT', options, 'msgpack'),
    rawClient('raw-2', 'EVT', options, 'json'),
    rawClient('raw-3', 'TEL', options, 'msgpack')
  ]
}

/** A WebSocket that goes to the next of these gateways each time, whatever address the client was given. */
function rotatingSocket(ports: readonly number[]) {
  let turn = 0
  return class extends WebSocket {
    constructor(_url: string, protocols: string[]) {
      super(`ws://127.0.0.1:${ports[turn++ % ports.length]}/live`, protocols, { perMessageDeflate: false })
    }
  } as unknown as NonNullable<Parameters<typeof createClient>[0]['WebSocket']>
}

/** An SDK client that goes to the next gateway each time it connects. */
export function openSdk(ports: readonly number[], protocol: 'msgpack' | 'json' = 'msgpack'): Client {
  const client = createClient({ url: 'ws://chaos/live', protocol, WebSocket: rotatingSocket(ports) })
  client.connect()
  return client
}

function sdkClient(
  name: string,
  stream: 'EVT' | 'TEL',
  promised: 'all' | 'latest',
  { site, ports, publishing }: ClientsOptions,
  protocol: 'msgpack' | 'json' = 'msgpack'
): ChaosClient {
  const { record, ...recorded } = recorderOf(publishing[stream])
  const client = openSdk(ports, protocol)
  const onOutcome = (outcome: Outcome): void => {
    if (outcome.kind === 'gap') recorded.history.toldGap(outcome)
    else if (isAnew(outcome.kind)) recorded.history.beganAnew(outcome.kind)
  }
  const pattern = publishedPattern(site, stream)
  const request = { pattern, quality: promised, ...(promised === 'latest' && { rate: 10 as const }) }
  client.subscribe([request], {
    onOutcome,
    onData: ({ subject, fields }) => record(subject, fields['n'])
  })
  return { name, stream, promised, ...recorded, close: () => client.close() }
}

function rawClient(
  name: string,
  stream: 'EVT' | 'TEL',
  { site, ports, publishing }: ClientsOptions,
  codec: 'msgpack' | 'json'
): ChaosClient {
  const { record, ...recorded } = recorderOf(publishing[stream])
  const close = createRawClient({
    ...{ ports, codec, stream, pattern: publishedPattern(site, stream) },
    onData: (subject, fields) => record(subject, fields['n']),
    onGap: recorded.history.toldGap,
    onAnew: recorded.history.beganAnew
  })
  return { name, stream, promised: 'all', ...recorded, close }
}

function recorderOf({ log }: Publishing) {
  const history = createHistory(log)
  const lasts = new Map<string, string>()
  return {
    history,
    last: (subject: string) => lasts.get(subject),
    record(subject: string, n: unknown): void {
      lasts.set(subject, String(n))
      history.received(subject, String(n))
    }
  }
}
