import { type Field, loadCatalogue } from '@meridian/catalogue'
import type { Fields } from '@meridian/msgpack'
import t from 'tap'
import { START_TAI, simulateOffline } from '../test/simulate-offline.ts'

const catalogue = loadCatalogue()
const isTelemetry = (subject: string): boolean => subject.includes('.tel.')

/** The catalogue's fields of the topic of a telemetry subject. */
function fieldsOf(subject: string): readonly Field[] {
  const [, , csc = '', , , topic = ''] = subject.split('.')
  return catalogue.component(csc)?.telemetry.get(topic)?.fields ?? []
}

const valuesOf = (fields: Fields | undefined, { name }: Field): unknown[] =>
  fields === undefined ? [] : [fields[name]].flat()

const isContinuous = ({ name, type }: Field): boolean =>
  (type === 'float' || type === 'double') && !/timestamp|tai|counter|ticks/i.test(name)

/** True when no element changed by more than a fifth of the field's range. */
function isSmooth(now: readonly number[], old: readonly number[]): boolean {
  const range = Math.max(1, ...now.map(Math.abs))
  return now.every((value, i) => Math.abs(value - (old[i] ?? value)) <= 0.2 * range)
}

t.test('telemetry is smooth: no generic value jumps between two messages', async t => {
  const names = ['HVAC', 'MTAirCompressor', 'ATMCS', 'MTM1M3TS', 'DREAM', 'MTM2', 'CBP', 'ATPneumatics']
  const offline = simulateOffline({
    instances: names.map(csc => ({ csc, index: csc === 'MTAirCompressor' ? 1 : 0 }))
  })
  offline.run(12)
  const before = new Map<string, Fields>()
  let compared = 0
  for (const { subject, fields } of offline.published(isTelemetry)) {
    const continuous = fieldsOf(subject).filter(isContinuous)
    const old = before.get(subject)
    const jumps = continuous.filter(
      field => !isSmooth(valuesOf(fields, field) as number[], valuesOf(old, field) as number[])
    )
    if (jumps.length > 0) t.fail(`${subject} ${jumps.map(({ name }) => name)}`)
    compared += continuous.length
    before.set(subject, fields)
  }
  t.ok(compared > 5000, `${compared} values compared`)
})

const isStamp = ({ name, type, units }: Field): boolean =>
  /[Tt]imestamp$/.test(name) && type === 'double' && units === 's'

/** What is wrong with the values of a field, by its count, units and name. */
function faultOf(field: Field, values: readonly unknown[]): string | undefined {
  if (values.length !== field.count) return `${values.length} of ${field.count} elements`
  if (field.units === '%' && values.some(value => Math.abs(Number(value)) > 100)) return `${values} percent`
  if (isStamp(field) && values.some(value => Math.abs(Number(value) - START_TAI) > 60)) return `at ${values}`
  return undefined
}

t.test('values stay inside what their units allow, and every field of a topic is there', async t => {
  const instances = catalogue.components
    .filter(csc => !['Script', 'AlarmRule'].includes(csc))
    .map(csc => ({ csc, index: catalogue.component(csc)?.indexed === true ? 1 : 0 }))
  const offline = simulateOffline({ instances })
  offline.run(11)
  const seen = new Set<string>()
  const firstOnly = (subject: string): boolean =>
    isTelemetry(subject) && !seen.has(subject) && seen.add(subject) !== undefined
  for (const { subject, fields } of offline.published(firstOnly))
    for (const field of fieldsOf(subject)) {
      const fault = faultOf(field, valuesOf(fields, field))
      if (fault !== undefined) t.fail(`${subject} ${field.name}: ${fault}`)
    }
  t.ok(seen.size > 350, `${seen.size} topics`)
})
