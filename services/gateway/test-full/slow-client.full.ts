import { waitFor } from '@meridian/testing'
import t from 'tap'
import { startAt } from '../test/frozen-site.ts'
import { LiveClient } from '../test/live-client.ts'
import { startObservatory } from '../test/observatory.ts'

t.setTimeout(400_000)

const TEL = 'tel.summit.MTMount.0.azimuth'
const EVT = 'evt.summit.MTMount.0.target'
/** So much that a socket that is not read holds some hundred of them at most. */
const BULK = 'x'.repeat(100_000)

t.test(
  'a client that stops to read is told what it gets less, misses no event, and harms nobody',
  async t => {
    const site = await startObservatory()
    t.teardown(() => site.stop())
    const gateway = await startAt(site.nats.url, 'gateway', { MAX_BUFFERED_BYTES: '64000000' })
    t.teardown(() => gateway.stop())
    const port = Number(new URL(gateway.address).port)
    const [quick, slow] = [await LiveClient.open(port), await LiveClient.open(port)]
    t.teardown(() => [quick, slow].map(client => client.ws.terminate()))
    for (const client of [quick, slow])
      client.send({
        op: 'subscribe',
        id: 1,
        patterns: [{ pattern: TEL, quality: 'all' }, { pattern: EVT }]
      })
    await Promise.all([quick.next('live'), slow.next('live')])
    const step = async (): Promise<string> => {
      const metrics = await (await fetch(`${gateway.address}/metrics`)).text()
      return (
        /meridian_gateway_degraded\{[^}]*step="(slower|latest|paused)"[^}]*\} 1\n/.exec(metrics)?.[1] ??
        'none'
      )
    }
    const stepIs = (name: string) =>
      waitFor(async () => (await step()) === name, { what: `step ${name}`, timeoutMs: 60_000 })

    slow.ws.pause()
    let n = 0
    const put = async (fields: object): Promise<void> => {
      n++
      await site.put(TEL, { n, ...fields })
      await site.put(EVT, { n })
    }
    await waitFor(
      async () => {
        await put({ bulk: BULK })
        return (await step()) === 'paused'
      },
      { what: 'the lowest step', everyMs: 1, timeoutMs: 60_000 }
    )
    for (let i = 0; i < 20; i++) await put({})
    await waitFor(() => quick.seen.length === 2 * n, { what: 'everything at the other client' })
    t.equal(await step(), 'paused')

    slow.ws.resume()
    await stepIs('none')
    await put({})
    await waitFor(() => slow.seen.at(-1)?.fields['n'] === n, { what: 'the newest event' })
    const steps = slow.all('degraded').map(record => record.step)
    t.match(steps.join(' '), /^(slower )?latest paused latest slower none$/, 'down, fast or slowly, and up')
    const events = slow.seen.filter(({ subject }) => subject === EVT).map(({ fields }) => fields['n'])
    t.same(
      events,
      Array.from({ length: n }, (_, i) => i + 1),
      'every event once, in order'
    )
    const had = new Set(slow.seen.filter(({ subject }) => subject === TEL).map(({ seq }) => seq))
    const [gap] = slow.all('gap')
    const missed = quick.seen.filter(({ subject, seq }) => subject === TEL && !had.has(seq))
    t.ok(missed.length > 0)
    t.ok(
      missed.every(({ seq }) => gap !== undefined && seq >= gap.from && seq <= gap.to),
      'what it misses lies inside the gap that is told'
    )
    t.same(quick.all('degraded'), [])
  }
)
