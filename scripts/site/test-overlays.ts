import type { Test } from 'tap'

/** The site file of a hill with three instances, one of them split. */
export const HILL = `name: hill
deploy: { host: hill.example.org }
instances:
  ESS: [1, 2]
  MTMount: [0]
parts:
  MTMount:0:
    - { name: mount-telemetry, telemetry: [azimuth, ackcmd] }
    - { name: mount-event, events: [heartbeat, summaryState] }
`
/** A folder of overlays with these site files; default: the hill. */
export const overlaysOf = (t: Test, sites: Readonly<Record<string, string>> = { hill: HILL }): string =>
  t.testdir(Object.fromEntries(Object.entries(sites).map(([name, text]) => [name, { 'site.yaml': text }])))
