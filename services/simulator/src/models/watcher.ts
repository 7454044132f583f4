import type { Handler, Model, ModelContext } from '../model.ts'
import { createRandom } from '../random.ts'
import { numberOf, refuse, textOf } from '../refuse.ts'
import { SUMMARY, type SummaryState } from '../summary-state.ts'
import type { Tick } from '../tick.ts'

/** None 1, warning 2, serious 3, critical 4. */
const SEVERITY = { NONE: 1, WARNING: 2, SERIOUS: 3, CRITICAL: 4 } as const

/** The state of a component that the Watcher observes. */
export interface Watched {
  readonly name: string
  state(): SummaryState
  sendsHeartbeat(): boolean
}

interface Alarm {
  readonly name: string
  severity: number
  reason: string
  maxSeverity: number
  acknowledgedBy: string
  mutedSeverity: number
  mutedBy: string
  oldest: number
  newest: number
  maxAt: number
  acknowledgedAt: number
  unmuteAt: number
}

const AMBIENT: readonly (readonly [name: string, severity: number, reason: string])[] = [
  ['DewPointDepression.dome', 2, 'dew point depression 4.1 deg_C is below 5'],
  ['Humidity.weatherTower', 3, 'relative humidity 83 % is above 80'],
  ['Wind.weatherTower', 2, 'wind 14.2 m/s is above 14'],
  ['MTMirrorTemperature.m1m3', 2, 'gradient 0.9 deg_C is above 0.8'],
  ['MTVibration.mount', 2, 'acceleration 0.02 m/s2 is above 0.018'],
  ['PowerOutage.generator2', 4, 'main input lost'],
  ['CameraVacuum.cryostat', 3, 'pressure 4.1e-6 Torr is above 4e-6'],
  ['OverTemperature.mainCabinet', 3, 'temperature 31 deg_C is above 30'],
  ['MTAirCompressor.pressure', 2, 'line pressure 6.4 bar is below 6.5'],
  ['ATCameraDewar.temperature', 3, 'CCD -91 deg_C is above -93']
]
const BETWEEN_SECONDS = 240
const LASTS_SECONDS = 75

/**
 * Creates the Watcher. It raises an alarm for each component in FAULT and for each lost heartbeat, and
 * sometimes one about the environment. An alarm whose cause is gone stays open until acknowledged:
 * `maxSeverity` keeps it.
 */
export function createWatcher(context: ModelContext, watched: () => readonly Watched[]): Model {
  const alarms = new Map<string, Alarm>()
  const random = createRandom(context.seed)
  const seenAlive = new Set<string>()
  let ambient: { readonly name: string; readonly until: number } | undefined
  let nextAmbient = 45 + 30 * random()
  let lastSecond = -1

  const alarmOf = (name: string): Alarm => {
    const known = alarms.get(name)
    if (known !== undefined) return known
    const fresh = quietAlarm(name)
    alarms.set(name, fresh)
    return fresh
  }
  const set = (name: string, severity: number, reason: string, at: Tick): void => {
    const known = alarms.get(name)
    if ((known?.severity ?? SEVERITY.NONE) === severity) return
    const alarm = alarmOf(name)
    if (alarm.severity === SEVERITY.NONE) alarm.oldest = at.tai
    alarm.severity = severity
    alarm.reason = severity === SEVERITY.NONE ? '' : reason
    alarm.newest = at.tai
    if (severity > alarm.maxSeverity) raise(alarm, at)
    else if (severity === SEVERITY.NONE && alarm.acknowledgedBy !== '') reset(alarm)
    show(context, alarm, at)
  }
  const look = (at: Tick): void => {
    for (const { name, state, sendsHeartbeat } of watched()) {
      const alive = sendsHeartbeat()
      if (alive) seenAlive.add(name)
      set(
        `Enabled.${name}`,
        state() === SUMMARY.FAULT ? SEVERITY.SERIOUS : SEVERITY.NONE,
        `${name} is in FAULT`,
        at
      )
      const lost = seenAlive.has(name) && !alive
      set(`Heartbeat.${name}`, lost ? SEVERITY.CRITICAL : SEVERITY.NONE, `${name} sends no heartbeat`, at)
    }
  }
  const surroundings = (at: Tick): void => {
    if (ambient !== undefined && at.seconds >= ambient.until) {
      set(ambient.name, SEVERITY.NONE, '', at)
      ambient = undefined
    }
    if (ambient !== undefined || at.seconds < nextAmbient) return
    nextAmbient = at.seconds + BETWEEN_SECONDS * (0.6 + 0.8 * random())
    const [name, severity, reason] = AMBIENT[
      Math.floor(random() * AMBIENT.length)
    ] as (typeof AMBIENT)[number]
    ambient = { name, until: at.seconds + LASTS_SECONDS * (0.7 + 0.6 * random()) }
    set(name, severity, reason, at)
  }
  const onAlarm =
    (change: (alarm: Alarm, call: Parameters<Handler>[0]) => void): Handler =>
    call => {
      const alarm = alarms.get(textOf(call.params, 'name'))
      if (alarm === undefined) throw refuse(`no alarm '${textOf(call.params, 'name')}'`)
      change(alarm, call)
      show(context, alarm, call.at)
    }
  return {
    advance(at) {
      const second = Math.floor(at.seconds)
      if (second === lastSecond || context.state() !== SUMMARY.ENABLED) return
      lastSecond = second
      look(at)
      surroundings(at)
      for (const alarm of alarms.values())
        if (alarm.unmuteAt > 0 && at.tai >= alarm.unmuteAt) {
          unmute(alarm)
          show(context, alarm, at)
        }
    },
    notAtStart: ['alarm', 'notification'],
    commands: {
      acknowledge: onAlarm((alarm, { params, at }) => {
        if (alarm.maxSeverity === SEVERITY.NONE) throw refuse(`alarm '${alarm.name}' is not raised`)
        alarm.acknowledgedBy = textOf(params, 'acknowledgedBy') || 'operator'
        alarm.acknowledgedAt = at.tai
        if (alarm.severity === SEVERITY.NONE) reset(alarm)
      }),
      unacknowledge: onAlarm(alarm => {
        alarm.acknowledgedBy = ''
        alarm.acknowledgedAt = 0
      }),
      mute: onAlarm((alarm, { params, at }) => {
        alarm.mutedSeverity = numberOf(params, 'severity', [1, 4])
        alarm.mutedBy = textOf(params, 'mutedBy') || 'operator'
        alarm.unmuteAt = at.tai + numberOf(params, 'duration', [0, 1e6])
      }),
      unmute: onAlarm(unmute),
      makeLogEntry: onAlarm((alarm, { at }) =>
        context.say('info', `alarm ${alarm.name}: ${alarm.reason}`, at)
      ),
      showAlarms: ({ at }) => {
        for (const alarm of alarms.values()) show(context, alarm, at)
      }
    }
  }
}

const quietAlarm = (name: string): Alarm => ({
  name,
  severity: SEVERITY.NONE,
  reason: '',
  maxSeverity: SEVERITY.NONE,
  acknowledgedBy: '',
  mutedSeverity: 0,
  mutedBy: '',
  oldest: 0,
  newest: 0,
  maxAt: 0,
  acknowledgedAt: 0,
  unmuteAt: 0
})

function raise(alarm: Alarm, at: Tick): void {
  alarm.maxSeverity = alarm.severity
  alarm.maxAt = at.tai
  alarm.acknowledgedBy = ''
  alarm.acknowledgedAt = 0
}

function reset(alarm: Alarm): void {
  alarm.maxSeverity = SEVERITY.NONE
  alarm.acknowledgedBy = ''
  alarm.acknowledgedAt = 0
}

function unmute(alarm: Alarm): void {
  alarm.mutedSeverity = 0
  alarm.mutedBy = ''
  alarm.unmuteAt = 0
}

// All alarms are messages of one topic, whose key field is `name`.
const show = (context: ModelContext, alarm: Alarm, at: Tick): void =>
  context.event('alarm').force(
    {
      name: alarm.name,
      severity: alarm.severity,
      reason: alarm.reason,
      maxSeverity: alarm.maxSeverity,
      acknowledged: alarm.acknowledgedBy !== '',
      acknowledgedBy: alarm.acknowledgedBy,
      mutedSeverity: alarm.mutedSeverity,
      mutedBy: alarm.mutedBy,
      timestampSeverityOldest: alarm.oldest,
      timestampSeverityNewest: alarm.newest,
      timestampMaxSeverity: alarm.maxAt,
      timestampAcknowledged: alarm.acknowledgedAt,
      timestampUnmute: alarm.unmuteAt
    },
    at
  )
