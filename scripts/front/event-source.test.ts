import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { append, type Broker } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import { encodeMsgpack } from '@meridian/msgpack'
import { encodeSample } from '@meridian/sample'
import { freePort, type ServiceProcess, startSiteService, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { openBrowser, whyNot } from '../../libs/client/test/open-page.ts'
import { frontOver, urlOf } from './test-front.ts'

const SUBJECT = 'evt.summit.MTMount.0.state'
const PORTS = [await freePort(), await freePort()] as const

/** A page that reads as docs/protocol.md says: what comes again is passed over. */
const PAGE = `<title>events</title><script>
  const numbers = [], controls = []
  let highest = 0
  const source = new EventSource('/live/events?topics=${SUBJECT}')
  source.onmessage = ({ data }) => {
    const { seq, fields } = JSON.parse(data)
    if (seq <= highest) return
    highest = seq
    numbers.push(fields.n)
  }
  for (const op of ['welcome', 'resumed', 'gap', 'reset', 'snapshot', 'live', 'refused'])
    source.addEventListener(op, ({ data }) => controls.push(JSON.parse(data)))
</script>`

/** What the page was told: numbers of events, and control records. */
interface Told {
  readonly numbers: readonly number[]
  readonly controls: readonly {
    readonly op: string
    readonly gateway?: string
    readonly streams?: Readonly<Record<string, string>>
  }[]
}

t.test(
  'an EventSource whose gateway is killed goes on at another, with every event once and in order',
  {
    skip: whyNot,
    timeout: 600_000
  },
  async t => {
    const site = await startTestSite()
    t.teardown(site.stop)
    const gateways = new Map<string, ServiceProcess>()
    t.teardown(() => Promise.all([...gateways.values()].map(gateway => gateway.stop())))
    const start = async (place: 0 | 1): Promise<void> => {
      const NAME = `gateway-${place}`
      gateways.set(NAME, await startSiteService('gateway', site.nats, { NAME, PORT: String(PORTS[place]) }))
    }
    await Promise.all([start(0), start(1)])
    const told = await openPage(t, `/live=${PORTS.map(port => `http://127.0.0.1:${port}`).join()}`)
    const named = async (op: string) => (await told()).controls.filter(record => record.op === op)
    await waitFor(async () => (await named('live')).length === 1, { what: 'the first of live' })
    const publisher = publishNumbers(site.broker)
    t.teardown(() => publisher.stop())
    for (const round of [1, 2]) {
      const before = publisher.last()
      await waitFor(async () => ((await told()).numbers.at(-1) ?? 0) > before + 20, { what: 'events' })
      const serving = (await named('welcome')).at(-1)?.gateway ?? ''
      await gateways.get(serving)?.stop()
      await waitFor(async () => (await named('live')).length === round + 1, {
        what: 'the page goes on elsewhere',
        timeoutMs: 30_000
      })
      t.match((await named('resumed')).at(-1), { streams: { EVT: 'resumed' } })
      t.not((await named('welcome')).at(-1)?.gateway, serving)
      await start(serving === 'gateway-0' ? 0 : 1)
    }
    const last = await publisher.stop()
    await waitFor(async () => (await told()).numbers.at(-1) === last, { what: 'the last event' })
    const { numbers, controls } = await told()
    t.same(
      numbers,
      Array.from({ length: last }, (_, i) => i + 1)
    )
    t.same(
      controls.map(({ op }) => op),
      ['welcome', 'live', ...['welcome', 'resumed', 'live'], ...['welcome', 'resumed', 'live']]
    )
  }
)

/** Opens the page in Chromium behind a front that has these routes too; returns how to ask it what it was told. */
async function openPage(t: Test, routes: string): Promise<() => Promise<Told>> {
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end(PAGE)
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const front = await frontOver(t, `${routes} /=${urlOf(server)}`)
  const browser = await openBrowser(t)
  const page = await browser.newPage()
  page.on('pageerror', error => t.fail(error.message))
  await page.goto(front.address())
  return () => page.evaluate('({ numbers, controls })')
}

/** Publishes 1, 2, 3 and so on, each when the stream has the one before, until it is stopped; then it says the last. */
function publishNumbers(broker: Broker): { last(): number; stop(): Promise<number> } {
  const end = new AbortController()
  let last = 0
  const publish = async (): Promise<void> => {
    while (!end.signal.aborted) {
      await append(broker, { subject: SUBJECT, data: sampleOf(last + 1) })
      last++
      await sleep(10)
    }
  }
  const running = publish()
  return {
    last: () => last,
    async stop() {
      end.abort()
      await running
      return last
    }
  }
}

const sampleOf = (n: number): Uint8Array =>
  encodeSample({
    ...{ sndStamp: 1_795_000_000.25, rcvStamp: 1_795_000_000.5, seqNum: n, origin: 1, identity: 'MTMount' },
    ...{ revCode: 'abc', fields: encodeMsgpack({ n }), uncatalogued: false }
  })
