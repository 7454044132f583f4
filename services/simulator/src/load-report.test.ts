import { decodeFields, type Fields } from '@meridian/msgpack'
import t from 'tap'
import { createLoadReport } from './load-report.ts'
import { SUMMARY } from './summary-state.ts'
import { tickAt } from './tick.ts'
import { createRawOutlet } from './transports/raw-outlet.ts'

t.test('the simulator says its state as components do, once, whatever second comes first', async t => {
  const said = new Map<string, Fields[]>()
  const publish = (subject: string, data: Uint8Array): void => {
    const topic = subject.replace('raw.test.Simulator.0.', '')
    said.set(topic, [...(said.get(topic) ?? []), decodeFields(data)])
  }
  const facts = { components: 3, messages: 100, executions: 1, skippedTicks: 150 }
  const report = createLoadReport(createRawOutlet('test', publish), () => facts)
  for (let tick = 150; tick < 1100; tick++) report(tickAt(tick, 1_780_000_000))
  t.strictSame(
    said.get('evt.summaryState')?.map(({ summaryState }) => summaryState),
    [SUMMARY.ENABLED]
  )
  t.equal(said.get('hb')?.length, 10, 'a heartbeat a second')
  t.match(said.get('tel.load'), [{ components: 3, skippedTicks: 150 }, { executions: 1 }])
})
