import { startSiteService } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import { get, openSite, SITE, store } from './harness.ts'

const { broker, nats } = await openSite(t)
const api = await startSiteService('api', nats, { HISTORY_MESSAGES: '3000' })
t.teardown(() => api.stop())
const { address } = api

interface History {
  readonly buckets: [number, number, number, number][]
  readonly complete: boolean
  readonly readFrom: number | null
  readonly heldFrom: number | null
  readonly from: number
  readonly to: number
}
const history = (query: Record<string, string | number>) =>
  get<History>(address, `/api/history?${new URLSearchParams(query as Record<string, string>)}`)

/** What the buckets must be, computed the slow way. */
function bruteForce(
  values: { time: number; value: number }[],
  from: number,
  to: number,
  points: number
): number[][] {
  const width = (to - from) / points
  return Array.from({ length: points }, (_, i) => {
    const isLast = i === points - 1
    const inside = values.filter(
      ({ time }) =>
        time >= from && time <= to && (Math.floor((time - from) / width) === i || (isLast && time === to))
    )
    const numbers = inside.map(({ value }) => value).filter(value => !Number.isNaN(value))
    return [from + i * width, Math.min(...numbers), Math.max(...numbers), inside.length]
  }).filter(([, , , count]) => count !== 0)
}

t.test('history has the least and greatest value of each bucket', async t => {
  const now = taiSecondsOf(Date.now())
  const topic = `tel.${SITE}.MTMount.0.azimuth`
  const samples = Array.from({ length: 500 }, (_, i) => ({
    time: now - 100 + i * 0.2,
    fields: {
      actualPosition: i === 77 ? Number.NaN : 40 * Math.sin(i / 9),
      actualVelocity: -i,
      demandPosition: i
    }
  }))
  await store(broker, topic, samples)
  const [from, to, points] = [now - 90, now - 10, 37]
  const { status, body } = await history({ topic, field: 'actualPosition', from, to, points })
  t.equal(status, 200)
  const values = samples.map(({ time, fields }) => ({ time, value: fields.actualPosition }))
  t.same(body.buckets, bruteForce(values, from, to, points))
  t.equal(body.complete, true)
  t.ok(Math.abs((body.heldFrom ?? 0) - (now - 100)) < 1e-3)
  const iso = new Date((from - 37) * 1000).toISOString()
  const byIso = await history({ topic, field: 'actualPosition', from: iso, to, points })
  t.ok(Math.abs(byIso.body.from - from) < 0.002, 'an ISO time is UTC')
})

t.test(
  'history reads elements of arrays, booleans, keyed subjects and devices that no catalogue knows',
  async t => {
    const now = taiSecondsOf(Date.now())
    const times = Array.from({ length: 30 }, (_, i) => now - 30 + i)
    const forces = `tel.${SITE}.MTM1M3.0.forceActuatorData`
    await store(
      broker,
      forces,
      times.map((time, i) => ({ time, fields: { xForce: [0, 1, 2, i] } }))
    )
    const element = await history({
      topic: forces,
      field: 'xForce',
      index: 3,
      from: now - 40.5,
      to: now - 0.5,
      points: 4
    })
    t.same(
      element.body.buckets.map(([, min, max, count]) => [min, max, count]),
      [
        [0, 9, 10],
        [10, 19, 10],
        [20, 29, 10]
      ]
    )
    t.equal(
      element.body.buckets.reduce((sum, [, , , count]) => sum + count, 0),
      30
    )

    const event = `evt.${SITE}.MTMount.0.azimuthInPosition`
    await store(
      broker,
      event,
      times.slice(0, 2).map((time, i) => ({ time, fields: { inPosition: i === 1 } }))
    )
    const boolean = await history({ topic: event, field: 'inPosition', from: now - 40, to: now, points: 1 })
    t.match(boolean.body.buckets, [[now - 40, 0, 1, 2]])

    const device = `tel.${SITE}.Greenhouse.0.climate.north=2Dwall`
    await store(broker, device, [{ time: now - 5, fields: { celsius: 21.5, name: 'x' } }])
    const unknown = await history({ topic: device, field: 'celsius', from: now - 40, to: now })
    t.match(unknown.body.buckets, [[Number, 21.5, 21.5, 1]])
    t.equal((await history({ topic: device, field: 'name' })).body.error?.code, 'API_NOT_NUMERIC')
    t.equal((await history({ topic: device, field: 'kelvin' })).body.error?.code, 'API_UNKNOWN_FIELD')
  }
)

t.test(
  'a history too large for one request lacks its oldest part, and says from where on it was read',
  async t => {
    const now = taiSecondsOf(Date.now())
    const topic = `tel.${SITE}.MTRotator.0.rotation`
    const samples = Array.from({ length: 3_200 }, (_, i) => ({
      time: now - 320 + i / 10,
      fields: { actualPosition: i }
    }))
    await store(broker, topic, samples)
    const [from, points] = [now - 400, 10]
    const { body } = await history({ topic, field: 'actualPosition', from, to: now, points })
    t.equal(body.complete, false)
    const newest = samples.slice(-3_000).map(({ time, fields }) => ({ time, value: fields.actualPosition }))
    t.same(body.buckets, bruteForce(newest, body.from, body.to, points))
    t.equal(body.readFrom, newest[0]?.time)
    t.equal(body.heldFrom, samples[0]?.time)
    const part = await history({ topic, field: 'actualPosition', from: now - 100, to: now, points })
    t.equal(part.body.complete, false, 'all were stored just now, so the part is not found by its stamps')
    const wanted = newest.filter(({ time }) => time >= part.body.from)
    t.same(
      part.body.buckets,
      bruteForce(wanted, part.body.from, part.body.to, points),
      'though nothing of it is missing'
    )
  }
)

t.test('a history that cannot be is refused with a code', async t => {
  const topic = `tel.${SITE}.MTMount.0.azimuth`
  const cases: [Record<string, string | number>, string][] = [
    [{ topic, field: 'actualPosition', from: 'yesterday' }, 'API_BAD_RANGE'],
    [{ topic, field: 'actualPosition', from: 20, to: 10 }, 'API_BAD_RANGE'],
    [{ topic, field: 'actualPosition', points: 9_999 }, 'NET_BAD_REQUEST'],
    [{ topic, field: 'a b' }, 'API_UNKNOWN_FIELD'],
    [{ topic, field: '' }, 'NET_BAD_REQUEST'],
    [{ topic, field: 'actualPosition', from: '2026-02-30' }, 'API_BAD_RANGE'],
    [{ topic }, 'NET_BAD_REQUEST'],
    [{ topic: 'tel.>', field: 'x' }, 'API_BAD_TOPIC'],
    [{ topic: `cmd.${SITE}.MTMount.0.stop`, field: 'x' }, 'API_BAD_TOPIC'],
    [{ topic: 'tel.base.MTMount.0.azimuth', field: 'x' }, 'API_BAD_TOPIC'],
    [{ topic, field: 'altitude' }, 'API_UNKNOWN_FIELD'],
    [{ topic, field: 'actualPosition', index: 2 }, 'API_UNKNOWN_FIELD'],
    [{ topic, field: 'actualPosition', index: 0 }, 'API_UNKNOWN_FIELD'],
    [{ topic: `tel.${SITE}.MTMount.0.azimut`, field: 'x' }, 'API_UNKNOWN_TOPIC'],
    [{ topic: `tel.${SITE}.mtmount.0.azimuth`, field: 'x' }, 'API_UNKNOWN_COMPONENT'],
    [{ topic: `tel.${SITE}.MTM1M3.0.forceActuatorData`, field: 'xForce' }, 'API_NOT_NUMERIC'],
    [{ topic: `evt.${SITE}.MTMount.0.errorCode`, field: 'errorReport' }, 'API_NOT_NUMERIC']
  ]
  for (const [query, code] of cases)
    t.equal((await history(query)).body.error?.code, code, JSON.stringify(query))
  const never = await history({ topic: `tel.${SITE}.MTMount.0.elevation`, field: 'actualPosition' })
  t.match(never.body, { buckets: { length: 0 }, complete: true, heldFrom: null })
})
