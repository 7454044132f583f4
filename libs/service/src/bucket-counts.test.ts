import t from 'tap'
import { createBucketCounts } from './bucket-counts.ts'
import { createMetrics } from './metrics.ts'

const NAME = 'meridian_gateway_source_latency_seconds'

t.test('counts of the hot path are a histogram to whoever scrapes, one for each class', async t => {
  const metrics = createMetrics('test')
  const events = createBucketCounts(NAME)
  metrics.readHistogram(NAME, events, { class: 'evt' })
  metrics.readHistogram(NAME, createBucketCounts(NAME), { class: 'ack' })
  for (const value of [-3, 0, 0.001, 0.0011, 37, 1_000]) events.observe(value)
  const text = await metrics.text()
  const bucket = (le: string): number => {
    const line = text.split('\n').find(one => one.startsWith(`${NAME}_bucket{le="${le}",class="evt"`))
    return Number(line?.split(' ').at(-1))
  }
  t.match(text, `# TYPE ${NAME} histogram`)
  t.equal(text.split(`# TYPE ${NAME} `).length, 2, 'described once')
  t.equal(bucket('0'), 2, 'negative values and zero')
  t.equal(bucket('0.001'), 3, 'a bound belongs to its bucket')
  t.equal(bucket('30'), 4)
  t.equal(bucket('60'), 5)
  t.equal(bucket('+Inf'), 6)
  t.match(text, `${NAME}_sum{class="evt",service="test"} 1037.0021`)
  t.match(text, `${NAME}_count{class="evt",service="test"} 6`)
  t.match(text, `${NAME}_count{class="ack",service="test"} 0`)
})
