import type { Topic } from '@meridian/catalogue'

const rules: readonly (readonly [RegExp, (seed: number, topic: Topic) => string])[] = [
  [/_state$|State$/, () => 'NOMINAL'],
  [/sensorName/, (seed, topic) => `${topic.name}-${1 + (seed % 4)}`],
  [/location/i, seed => ['dome, level 5', 'level 2', 'utility floor', 'camera hall'][seed % 4] ?? ''],
  [/version|firmware|xml/i, seed => `${1 + (seed % 4)}.${seed % 10}.${seed % 7}`],
  [/url|uri/i, (_seed, topic) => `s3://rubinobs-lfa-cp/${topic.csc}/${topic.name}`],
  [/serial/i, seed => `SN${100_000 + (seed % 900_000)}`],
  [/host/i, (_seed, topic) => `${topic.csc.toLowerCase()}.cp.lsst.org`],
  [/ip$|address/i, seed => `139.229.170.${1 + (seed % 250)}`],
  [/filter/i, seed => ['u_24', 'g_6', 'r_57', 'i_39', 'z_20', 'y_10'][seed % 6] ?? ''],
  [/model|manufacturer|vendor/i, seed => ['Keithley 6517B', 'Vaisala', 'Eaton', 'Copley'][seed % 4] ?? ''],
  [/date|day/i, () => '2026-03-01'],
  [/traceback|error|fault|warning|reason|note/i, () => ''],
  [/names|files|keys|list/i, (_seed, topic) => `${topic.name}A,${topic.name}B`],
  [/source/i, (_seed, topic) => topic.csc],
  [/controller/i, () => 'O'],
  [/description|info|message/i, (_seed, topic) => `${topic.csc} ${topic.name}`],
  [/status|mode/i, seed => ['READY', 'IDLE', 'NOMINAL'][seed % 3] ?? '']
]

/** A plausible value of a text field of a healthy component. */
export const textValueOf = (name: string, topic: Topic, seed: number): string =>
  rules.find(([like]) => like.test(name))?.[1](seed, topic) ?? 'nominal'

const tags: Readonly<Record<string, readonly string[]>> = {
  Agent: ['focal-plane', 'rebpower', 'quadbox'],
  Raft: ['R01', 'R22', 'R43'],
  Reb: ['Reb0', 'Reb1', 'Reb2'],
  Sensor: ['S00', 'S11', 'S22'],
  Segment: ['Segment00', 'Segment07', 'Segment17'],
  Location: ['top', 'middle', 'bottom']
}

/** The value of a camera's tag for one of three devices. */
export const tagOf = (name: string, row: number): string => tags[name]?.[row] ?? `${name}${row + 1}`
