import { loadCatalogue } from '@meridian/catalogue'
import type { Observatory } from './observatory.ts'

const catalogue = loadCatalogue()

/** One instance of a site. */
export interface Instance {
  readonly csc: string
  readonly index: number
}

/** A night with nothing real behind it: every instance lives, a few have trouble, the mount moves. */
export interface Night {
  /** This instance's heartbeat stops, or that of a process of Meridian: `Producer:1`. */
  silence(...ids: readonly string[]): void
  /** What was silent beats again. */
  wake(): void
  stop(): void
}

const wave = (amplitude: number, periodS: number, offset: number): number =>
  offset + amplitude * Math.sin((Date.now() / 1000) * ((2 * Math.PI) / periodS)) + Math.random() * 0.01

const idOf = ({ csc, index }: Instance): string => `${csc}:${index}`

function sampleOf(
  fields: ReadonlyArray<{ name: string; type: string; count: number; units: string }>
): Record<string, unknown> {
  const one = (type: string, i: number): unknown => {
    if (type === 'boolean') return true
    if (type === 'string') return 'text'
    return /float|double/.test(type) ? wave(10, 60 + i, i) : i
  }
  return Object.fromEntries(
    fields.map(({ name, type, count }, n) => [
      name,
      count > 1 ? Array.from({ length: count }, (_, i) => one(type, i)) : one(type, n)
    ])
  )
}

function sayState(observatory: Observatory, site: string, instance: Instance, state: number): void {
  const subject = `evt.${site}.${instance.csc}.${instance.index}`
  observatory.say(`${subject}.summaryState`, { summaryState: state })
  observatory.say(`${subject}.errorCode`, {
    errorCode: state === 3 ? 6051 : 0,
    errorReport: state === 3 ? 'Elevation drive 2 lost its encoder: following error 0.31 deg' : '',
    traceback: ''
  })
}

function sayTelemetry(observatory: Observatory, site: string, { csc, index }: Instance): void {
  for (const topic of catalogue.component(csc)?.telemetry.values() ?? []) {
    const key = topic.keyFields.length > 0 ? '.sensor-1' : ''
    observatory.say(`tel.${site}.${csc}.${index}.${topic.name}${key}`, sampleOf(topic.fields))
  }
}

const alarm = (name: string, severity: number, reason: string, more: object = {}) => ({
  name,
  severity,
  maxSeverity: severity,
  reason,
  acknowledged: false,
  acknowledgedBy: '',
  mutedSeverity: 0,
  ...more
})

function sayAlarms(observatory: Observatory, site: string): void {
  const all = [
    alarm('Enabled.ATMCS:0', 3, 'FAULT state'),
    alarm('Humidity.ESS:301', 2, 'above 70 %: 74.2'),
    alarm('Temperature.MTCamera', 4, 'Cold plate above -120 degC'),
    alarm('PowerOutage', 2, 'bus 4', { acknowledged: true, acknowledgedBy: 'wvreeven' }),
    ...Array.from({ length: 30 }, (_, i) => alarm(`Enabled.Thing${i}`, 1, ''))
  ]
  for (const one of all)
    observatory.say(
      `evt.${site}.Watcher.0.alarm.${one.name.replaceAll('.', '=2E').replaceAll(':', '=3A')}`,
      one
    )
}

/** Processes of Meridian that beat in a night; the second producer is the catch-all. */
const PROCESSES: readonly Instance[] = [
  'Producer',
  'Producer',
  'Commander',
  'Commander',
  'Gateway',
  'Gateway'
].map((csc, i) => ({ csc, index: (i % 2) + 1 }))

/** Components that the first producer of a night carries; the second carries the others. */
export const FIRST_CARRIES = ['MTMount:0', 'MTDome:0', 'ESS:301'] as const

function sayCarried(observatory: Observatory, site: string): void {
  observatory.say(`evt.${site}.Producer.1.carries`, { instances: FIRST_CARRIES, others: false })
  observatory.say(`evt.${site}.Producer.2.carries`, { instances: [], others: true })
}

/** Lets the night begin. `states` are the summary states that are not ENABLED. */
export function startNight(
  observatory: Observatory,
  site: string,
  instances: readonly Instance[],
  options: {
    readonly states?: Readonly<Record<string, number>>
    readonly telemetryOf?: readonly string[]
  } = {}
): Night {
  const silent = new Set<string>()
  const telling = instances.filter(i => options.telemetryOf?.includes(idOf(i)))
  const say = (): void => {
    for (const i of [...instances, ...PROCESSES])
      if (!silent.has(idOf(i))) observatory.say(`hb.${site}.${i.csc}.${i.index}`)
  }
  for (const i of instances) sayState(observatory, site, i, options.states?.[idOf(i)] ?? 2)
  sayAlarms(observatory, site)
  sayCarried(observatory, site)
  say()
  const timers = [
    setInterval(say, 1000),
    setInterval(() => {
      for (const i of telling) sayTelemetry(observatory, site, i)
    }, 200)
  ]
  return {
    silence(...ids) {
      for (const id of ids) silent.add(id)
    },
    wake: () => silent.clear(),
    stop() {
      for (const timer of timers) clearInterval(timer)
    }
  }
}
