import { loadSite } from '@meridian/catalogue'
import type { Browser } from 'playwright-core'
import t from 'tap'
import { firstSightCases } from './cases/first-sight.ts'
import { instanceCases } from './cases/instances.ts'
import { mountCases } from './cases/mount.ts'
import { overviewCases } from './cases/overview.ts'
import { stopCases } from './cases/stops.ts'
import { runGroups } from './harness/cases.ts'
import { type Night, startNight } from './harness/night.ts'
import { openBrowser, whyNot } from './harness/open-browser.ts'
import { type Door, startDoor } from './harness/start-door.ts'

// One door, one night and one browser for all pages that need nothing of their own. Groups run side by side,
// on instances of their own; what a group does to an instance, its later cases find done.
const site = loadSite('summit')
let door: Door
let night: Night
let browser: Browser

t.before(async () => {
  if (whyNot !== false) return
  door = await startDoor({ site })
  night = startNight(door.observatory, 'summit', site.instances, {
    states: { 'ATMCS:0': 3, 'MTHexapod:2': 3, 'CBP:0': 5, 'LinearStage:102': 4, 'ATDome:0': 4, 'OCPS:3': 1 },
    telemetryOf: ['MTMount:0', 'ESS:301']
  })
  browser = await openBrowser()
})

t.after(async () => {
  if (whyNot !== false) return
  await browser.close()
  night.stop()
  await door.stop()
})

const scene = () => ({ door, night, browser })

runGroups(t, { 'at first sight': firstSightCases }, { scene, skip: whyNot })
runGroups(
  t,
  {
    overview: overviewCases,
    'the mount': mountCases,
    'stops and the dead': stopCases,
    'other instances': instanceCases
  },
  { scene, skip: whyNot }
)

// Without this the root test would wait for the servers, and the servers for the root test.
t.end()
