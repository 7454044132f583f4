import { loadSite } from '@meridian/catalogue'
import { startNight } from './night.ts'
import { startDoor } from './start-door.ts'

/**
 * Serves the built console with an invented summit, to look at: `npx tsx test/harness/main.ts [port]`.
 */
const site = loadSite('summit')
const { instances } = site
const door = await startDoor({ site, port: Number(process.argv[2] ?? 8081) })
const night = startNight(door.observatory, 'summit', instances, {
  states: {
    'ATMCS:0': 3,
    'CBP:0': 5,
    'LinearStage:102': 4,
    'OCPS:3': 1,
    'Electrometer:201': 5,
    'Test:42': 5
  },
  telemetryOf: ['MTMount:0', 'MTM1M3:0', 'ESS:301']
})
setTimeout(() => night.silence('MTDome:0'), 3000)
setTimeout(() => night.silence('DIMM:2'), 6000)
setInterval(
  () =>
    door.observatory.say(
      'tel.summit.Greenhouse.0.climate',
      { celsius: 21.5 + Math.random() },
      { uncatalogued: true }
    ),
  1000
)
let count = 0
setInterval(() => {
  const level = [20, 20, 10, 30, 40][count++ % 5]
  door.observatory.say('evt.summit.MTMount.0.logMessage', {
    name: 'MTMount',
    level,
    message: `Message ${count} about the axis`,
    traceback: ''
  })
}, 700)
process.stdout.write(`${door.url}\n`)
