import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { recordNight } from '../test/recorded-night.ts'

/** Of telemetry one message in so many is compared, of events each. */
const SAMPLED = 50
const golden = new URL('../test/recorded-night.json', import.meta.url)

/** What one instance said and answered in the recorded night. */
interface InstanceRecord {
  messages: number
  events: string
  telemetry: string
  answers: string
}

/** Six digits are compared, because sines of different processors differ in the last one. */
const rounded = (_name: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'number') return value
  return Number.isFinite(value) && Math.abs(value) > 1e-9 ? value.toPrecision(6) : Math.round(value)
}

const digestOf = (lines: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(lines, rounded)).digest('hex').slice(0, 12)

/** `MTMount:0`; all scripts count as one. */
const instanceOf = (subject: string): string =>
  subject
    .split('.')
    .slice(2, 4)
    .join(':')
    .replace(/^Script:.*/, 'Script')

function recordsOf({ offline, commands }: ReturnType<typeof recordNight>): Record<string, InstanceRecord> {
  const counts = new Map<string, number>()
  const count = (key: string): number => counts.set(key, (counts.get(key) ?? 0) + 1).get(key) ?? 0
  const compared = offline.published(subject => {
    count(instanceOf(subject))
    return !subject.includes('.tel.') || count(subject) % SAMPLED === 1
  })
  const saidBy = (name: string, kind: (subject: string) => boolean): string =>
    digestOf(compared.filter(({ subject }) => instanceOf(subject) === name && kind(subject)))
  const names = [...counts.keys()].filter(key => !key.includes('.')).sort()
  return Object.fromEntries(
    names.map(name => [
      name,
      {
        messages: counts.get(name) ?? 0,
        events: saidBy(name, subject => !subject.includes('.tel.')),
        telemetry: saidBy(name, subject => subject.includes('.tel.')),
        answers: digestOf(commands.filter(command => command.name === name))
      }
    ])
  )
}

/** A change that is meant is recorded by `npx tap --snapshot src/recorded-night.test.ts`. */
t.test('every model says and answers what it did in the recorded night', async t => {
  const records = recordsOf(recordNight(90))
  if (t.writeSnapshot) writeFileSync(golden, `${JSON.stringify(records, null, 2)}\n`)
  t.strictSame(records, JSON.parse(readFileSync(golden, 'utf8')))
})
