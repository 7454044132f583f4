// A site with a real broker, and producers on it, for all tests of this folder.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Broker, readStream, type StreamMessage, streamTable } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import { decodeFields, type Fields } from '@meridian/msgpack'
import { decodeSample } from '@meridian/sample'
import { createService, parseConfig, type Service } from '@meridian/service'
import { serviceCommand, type TestLog, type TestNats, waitFor } from '@meridian/testing'
import type { Test } from 'tap'
import { type ProducerConfig, spec } from '../src/config.ts'
import { producerParts } from '../src/producer.ts'

/** A real broker with the streams of the site, and what producers log. */
export interface Setup {
  readonly nats: TestNats
  readonly broker: Broker
  readonly log: TestLog
}

/** A site for one test; it ends with it. `maxPerSubject` takes the place of the limits of all streams. */
export async function setUp(t: Test, maxPerSubject?: number): Promise<Setup> {
  const specs = streamTable('summit', 'laptop')
  const streams = maxPerSubject === undefined ? specs : specs.map(spec => ({ ...spec, maxPerSubject }))
  const { stop, ...setup } = await startTestSite({ streams })
  t.teardown(stop)
  return setup
}

/** A producer in this process that has not been started. */
export const serviceOf = (config: ProducerConfig, log: TestLog): Service =>
  createService({
    name: 'producer',
    description: spec.summary,
    config,
    log,
    parts: () => producerParts(config, log)
  })

/** A producer in this process, ready when it returns. */
export async function produce(
  t: Test,
  { nats, log }: Setup,
  settings: Record<string, string> = {}
): Promise<Service> {
  const config = parseConfig(spec, { NATS_URL: nats.url, ...settings })
  const producer = serviceOf(config, log)
  t.teardown(() => producer.stop().catch(() => undefined))
  await producer.start()
  return producer
}

/** A site of three components: the mount, the mirror and two sensors. */
export const siteFile = (t: Test): string =>
  `${t.testdir({ 'site.yaml': 'name: summit\ninstances:\n  MTMount: [0]\n  MTM1M3: [0]\n  ESS: [301, 302]\n' })}/site.yaml`

/** What the stream holds of a subject; producers' own beats and events only where the subject asks for them. */
export async function read(broker: Broker, stream: string, subject = '>'): Promise<StreamMessage[]> {
  const messages: StreamMessage[] = []
  const bounds = { maxMessages: 100_000, maxBytes: 100_000_000, timeoutMs: 10_000 }
  for await (const message of readStream(broker, {
    stream,
    subjects: subject === '>' ? [] : [subject],
    from: { seq: 1 },
    ...bounds
  }))
    if (subject !== '>' || !/^\w+\.summit\.Producer\./.test(message.subject)) messages.push(message)
  return messages
}

/** What a stream holds of a subject once it holds so many; rejects after the usual wait. */
export const stored = (
  broker: Broker,
  stream: string,
  subject: string,
  count = 1
): Promise<StreamMessage[]> =>
  waitFor(
    async () => {
      const messages = await read(broker, stream, subject)
      return messages.length >= count ? messages : undefined
    },
    { what: `${count} on ${subject}`, everyMs: 50 }
  )

/** The public fields of a stored sample; of none, none. */
export const fieldsOf = (message: StreamMessage | undefined): Fields =>
  decodeFields(decodeSample(message?.data ?? new Uint8Array()).fields)

/** A producer in a process of its own, ready when it returns. */
export async function startProcess(t: Test, nats: TestNats, settings: Record<string, string> = {}) {
  const child = spawn(process.execPath, serviceCommand('producer'), {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    env: { PATH: process.env['PATH'], NATS_URL: nats.url, ...settings },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  await waitFor(() => output.includes('"msg":"ready"'), {
    what: 'the producer to be ready',
    timeoutMs: 20_000
  })
  return { child, address: /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? '' }
}
