// Components speak without a pause while one thing after the other fails; at the end everything is stored, once.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createObservatory, type Observatory } from '@meridian/sal/testing'
import { startKafka, type TestKafka, waitFor, whyNoKafka } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import t, { type Test } from 'tap'
import { fieldsOf, read, type Setup, setUp, startProcess } from '../test/producing.ts'

t.setTimeout(600_000)
const skip = whyNoKafka() ?? false

const telemetry = { csc: 'MTRotator', kind: 'telemetry', topic: 'rotation' } as const
const event = { csc: 'MTRotator', kind: 'event', topic: 'target' } as const
const PARTITIONS = 3

/** Says a number in telemetry and as an event, one after the other, until it is stopped; gives the last number. */
function speak(observatory: Observatory): { said(): number; stop(): Promise<number> } {
  let number = 0
  let isStopped = false
  const run = async (): Promise<void> => {
    while (!isStopped) {
      number++
      const stamp = { private_sndStamp: taiSecondsOf(Date.now()), private_seqNum: number }
      const fields = { ...stamp, actualPosition: number }
      const partition = number % PARTITIONS
      await again(() =>
        observatory.say(
          { ...telemetry, partition, fields },
          { ...event, fields: { ...stamp, position: number } }
        )
      )
      await sleep(10)
    }
  }
  const running = run()
  return {
    said: () => number,
    async stop() {
      isStopped = true
      await running
      return number
    }
  }
}

/** As SAL's writers do: a record that Kafka may have taken is written again, with the same stamps. */
async function again(write: () => Promise<void>): Promise<void> {
  await waitFor(() => write().then(() => true), { what: 'Kafka takes', timeoutMs: 120_000, everyMs: 200 })
}

const numbersOf = async (setup: Setup, stream: string, subject: string, field: string): Promise<number[]> =>
  (await read(setup.broker, stream, subject)).map(message => Number(fieldsOf(message)[field]))

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1)

interface Running {
  readonly setup: Setup
  readonly kafka: TestKafka
  readonly observatory: Observatory
  readonly spoken: ReturnType<typeof speak>
  start(): ReturnType<typeof startProcess>
}

/** Resolves when some more numbers are stored. */
async function goesOn({ setup, spoken }: Running): Promise<void> {
  const until = spoken.said() + 20
  await waitFor(
    async () => (await numbersOf(setup, 'EVT', 'evt.summit.MTRotator.0.target', 'position')).includes(until),
    { what: `number ${until} is stored`, timeoutMs: 120_000, everyMs: 200 }
  )
}

async function killProducers(running: Running): Promise<void> {
  for (let round = 0; round < 4; round++) {
    const { child } = await running.start()
    await goesOn(running)
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
    await sleep(500)
  }
}

async function overlap(running: Running): Promise<void> {
  await running.start()
  await goesOn(running)
  const second = await running.start()
  await goesOn(running)
  const gone = once(second.child, 'exit')
  second.child.kill('SIGTERM')
  await gone
}

async function loseParts(running: Running): Promise<void> {
  const { setup, kafka, observatory } = running
  await setup.nats.kill9()
  await sleep(2_000)
  await setup.nats.restart()
  await waitFor(() => setup.broker.state() === 'connected', { what: 'the broker is back' })
  await goesOn(running)
  await kafka.kill9()
  await sleep(1_000)
  await kafka.restart()
  await goesOn(running)
  observatory.registry.answerWith(response => response.writeHead(503).end())
  await goesOn(running)
  observatory.registry.answerWith(undefined)
}

async function begin(t: Test): Promise<Running> {
  const kafka = await startKafka()
  t.teardown(() => kafka.stop())
  const setup = await setUp(t, 0)
  const observatory = await createObservatory(kafka)
  t.teardown(() => observatory.stop())
  await observatory.make(telemetry, PARTITIONS)
  await observatory.make(event)
  const settings = { ...observatory.settings, SOURCE: 'sal-kafka', PRODUCE: 'MTRotator:0' }
  return {
    setup,
    kafka,
    observatory,
    spoken: speak(observatory),
    start: () => startProcess(t, setup.nats, settings)
  }
}

t.test('nothing is lost and nothing stored twice, whatever fails', { skip }, async t => {
  const running = await begin(t)
  await killProducers(running)
  await overlap(running)
  await loseParts(running)
  const last = await running.spoken.stop()
  await waitFor(
    async () =>
      (await numbersOf(running.setup, 'TEL', 'tel.summit.MTRotator.0.rotation', 'actualPosition')).includes(
        last
      ),
    { what: 'the last one', timeoutMs: 120_000, everyMs: 200 }
  )
  const events = await numbersOf(running.setup, 'EVT', 'evt.summit.MTRotator.0.target', 'position')
  const from = events[0] ?? 0
  t.same(events, upTo(last).slice(from - 1), 'every event since the first, once, in order')
  const all = await numbersOf(running.setup, 'TEL', 'tel.summit.MTRotator.0.rotation', 'actualPosition')
  const firstHeard = Math.min(...all)
  t.same(
    all.sort((a, b) => a - b),
    upTo(last).slice(firstHeard - 1),
    'all telemetry since the first, once'
  )
  t.comment(`${last} said`)
})
