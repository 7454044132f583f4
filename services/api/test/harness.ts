import { randomUUID } from 'node:crypto'
import { append, type Broker } from '@meridian/broker'
import { startTestSite, type TestSiteOptions } from '@meridian/broker/testing'
import type { WireError } from '@meridian/errors'
import { type ExecReply, parseExecRequest, type ReadExecRequest } from '@meridian/protocol/commands'
import { encodeSample } from '@meridian/sample'
import { execOf, heartbeatOf } from '@meridian/subjects'
import type { TestNats } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import { Packr } from 'msgpackr'
import type { Test } from 'tap'

export const SITE = 'summit'

/** A broker of its own with the site's streams, and a connection to it; both end with the test. */
export async function openSite(
  t: Test,
  options?: TestSiteOptions
): Promise<{ readonly nats: TestNats; readonly broker: Broker }> {
  const { nats, broker, stop } = await startTestSite(options)
  t.teardown(stop)
  return { nats, broker }
}

/** A component on NATS that beats and answers. */
export function startComponent(
  broker: Broker,
  csc: string,
  behaviour: (request: ReadExecRequest, reply: (ack: ExecReply) => void) => void
): { stop(): void } {
  const target = { site: SITE, csc, index: 0 }
  const beat = (): void => broker.publish(heartbeatOf(target), sampleOf({}, taiSecondsOf(Date.now())))
  beat()
  const timer = setInterval(beat, 1_000)
  const subscription = broker.subscribe(`${execOf(target, 'x').slice(0, -1)}*`, message =>
    behaviour(parseExecRequest(message), ack => message.respond(JSON.stringify(ack)))
  )
  return {
    stop() {
      clearInterval(timer)
      subscription.unsubscribe()
    }
  }
}

const packr = new Packr({ useRecords: false })

/** A sample with these fields. */
export const sampleOf = (fields: object, sndStamp: number): Uint8Array =>
  encodeSample({
    sndStamp,
    rcvStamp: sndStamp,
    seqNum: 1,
    origin: 1,
    identity: 'test',
    revCode: '',
    fields: packr.pack(fields),
    uncatalogued: false
  })

/** Stores samples one after the other. */
export async function store(
  broker: Broker,
  subject: string,
  samples: readonly { time: number; fields: object }[]
): Promise<void> {
  const window = 50
  for (let i = 0; i < samples.length; i += window)
    await Promise.all(
      samples
        .slice(i, i + window)
        .map(({ time, fields }) =>
          append(broker, { subject, data: sampleOf(fields, time), id: randomUUID() })
        )
    )
}

/** An answer of the door. */
export interface Answer<T> {
  readonly status: number
  readonly headers: Headers
  readonly body: T & { readonly error?: WireError }
}

/** Asks the door and reads the JSON answer. */
export async function get<T>(address: string, path: string, init: RequestInit = {}): Promise<Answer<T>> {
  const response = await fetch(`${address}${path}`, init)
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) }
}

/** Asks the door with a JSON body, as `get` does without one. */
export const post = <T>(address: string, path: string, body: unknown): Promise<Answer<T>> =>
  get(address, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body)
  })
