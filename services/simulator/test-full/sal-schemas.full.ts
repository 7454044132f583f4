import { loadCatalogue, readSite, shippedSiteFile } from '@meridian/catalogue'
import { createRecordWriter, type RecordWriter, topicsOf } from '@meridian/sal/component'
import t from 'tap'
import { createObservatory } from '../src/observatory.ts'
import type { Outlet } from '../src/outlet.ts'
import { TICKS_PER_SECOND, tickAt } from '../src/tick.ts'

const SECONDS = 30

t.test('what the components of the summit say fits the schemas that they register', async t => {
  const catalogue = loadCatalogue()
  const site = readSite(shippedSiteFile('summit') ?? '')
  const { observatory: name, location } = site
  // The first of each kind.
  const instances = [...new Map(site.instances.toReversed().map(one => [one.csc, one])).values()]
  const writers = new Map<string, RecordWriter>()
  for (const csc of new Set([...instances.map(({ csc }) => csc), 'Script'])) {
    const definition = catalogue.component(csc)
    for (const topic of definition === undefined ? [] : topicsOf(definition))
      if (topic.kind !== 'command')
        writers.set(
          `${csc} ${topic.kind} ${topic.name}`,
          await createRecordWriter(
            topic,
            { indexed: definition?.indexed === true },
            { registry: { register: async () => 1 }, subname: 'sal' }
          )
        )
  }
  const refused = new Map<string, string>()
  const said = new Set<string>()
  const outlet: Outlet = ({ csc, index, kind, name }) => {
    const topic = `${csc} ${kind === 'heartbeat' ? 'event' : kind} ${name}`
    const write = writers.get(topic)
    said.add(topic)
    if (write === undefined) refused.set(topic, 'no such topic')
    return values => {
      try {
        write?.(index, values)
      } catch (error) {
        refused.set(topic, (error as Error).message)
      }
    }
  }
  const observatory = createObservatory({
    ...{ catalogue, instances, observatory: name, outlet },
    ...(location && { location }),
    ...{ seed: 1, boot: 1, holdSeconds: 300, restartSeconds: 5, night: true, hollow: 0 },
    onError: error => {
      throw error
    }
  })
  for (let tick = 0; tick < SECONDS * TICKS_PER_SECOND; tick++) observatory.tick(tickAt(tick, 1_780_000_000))
  t.ok(said.size > 800, `${said.size} topics`)
  t.ok(said.has('Script event state'), 'scripts too')
  t.strictSame([...refused], [])
})
