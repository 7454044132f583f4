import type { ExecReply } from '@meridian/protocol/commands'
import { type OfflineSimulation, simulateOffline } from './simulate-offline.ts'

/** A command of the script: the second, the instance, the command, its parameters. */
type Line = readonly [seconds: number, name: string, command: string, params?: Record<string, unknown>]

const at = (seconds: number, name: string, ...calls: readonly [string, Record<string, unknown>?][]): Line[] =>
  calls.map(([command, params]) => [seconds, name, command, params ?? {}])

const MOVE = { azimuth: 25, elevation: 70 }
const POSE = { x: 10, y: -20, z: 150, u: 0.01, v: 0, w: 0, sync: true }
const SLEEP = { isStandard: true, path: 'sleep.py', location: 2, block: 'BLOCK-1' }

/** What operators do in the recorded night: each command of each model, allowed and refused. */
const script: readonly Line[] = [
  ...at(6, 'MTMount:0', ['moveToTarget', MOVE], ['lockMotion'], ['moveToTarget', MOVE], ['fly']),
  ...at(9, 'MTMount:0', ['unlockMotion'], ['disableCameraCableWrapFollowing'], ['moveToTarget', MOVE]),
  ...at(11, 'MTMount:0', ['stop'], ['trackTarget', MOVE]),
  ...at(14, 'MTMount:0', ['startTracking'], ['trackTarget', { ...MOVE, azimuthVelocity: 0.01, trackId: 9 }]),
  ...at(19, 'MTMount:0', ['stopTracking'], ['homeBothAxes'], ['enableCameraCableWrapFollowing']),
  ...at(27, 'MTMount:0', ['closeMirrorCovers'], ['park', { position: 2 }], ['unpark']),
  ...at(31, 'MTMount:0', ['openMirrorCovers', { leaf: 2 }], ['disable'], ['enable']),
  ...at(6, 'MTRotator:0', ['move', { position: 5 }], ['track', { angle: 1 }], ['move', { position: 100 }]),
  ...at(8, 'MTRotator:0', ['stop']),
  ...at(10, 'MTRotator:0', ['trackStart'], ['track', { angle: 1, velocity: 0.02 }]),
  ...at(16, 'MTRotator:0', ['stop'], ['disable'], ['enable'], ['fault']),
  ...at(18, 'MTRotator:0', ['standby'], ['start'], ['enable']),
  ...at(6, 'MTHexapod:1', ['move', POSE], ['offset', POSE], ['move', { x: 1e6 }]),
  ...at(7, 'MTHexapod:1', ['stop'], ['setCompensationMode', { enable: false }]),
  ...at(12, 'MTHexapod:1', ['setCompensationMode', { enable: true }], ['disable'], ['enable']),
  ...at(13, 'MTHexapod:2', ['offset', { z: -40 }]),
  ...at(5, 'MTM1M3:0', ['raiseM1M3'], ['abortRaiseM1M3'], ['lowerM1M3'], ['setSlewFlag']),
  ...at(8, 'MTM1M3:0', ['pauseM1M3RaisingLowering'], ['enterEngineering']),
  ...at(9, 'MTM1M3:0', ['resumeM1M3RaisingLowering'], ['exitEngineering'], ['clearSlewFlag']),
  ...at(67, 'MTM1M3:0', ['raiseM1M3']),
  ...at(72, 'MTM1M3:0', ['abortRaiseM1M3'], ['disable'], ['enable']),
  ...at(80, 'MTM1M3:0', ['panic']),
  ...at(5, 'MTM2:0', ['switchForceBalanceSystem', { status: false }]),
  ...at(9, 'MTM2:0', ['switchForceBalanceSystem', { status: true }], ['disable'], ['enable']),
  ...at(5, 'MTPtg:0', ['startTracking'], ['raDecTarget', { ra: 2, declination: 80 }], ['offsetRADec']),
  ...at(60, 'MTPtg:0', ['azElTarget', { azDegs: 40, elDegs: 60, targetName: 'mine' }]),
  ...at(75, 'MTPtg:0', ['stopTracking'], ['azElTarget', { azDegs: 40, elDegs: 5 }]),
  ...at(5, 'MTDome:0', ['moveAz', { position: 30, velocity: 0.1 }], ['crawlEl', { velocity: 0.5 }]),
  ...at(9, 'MTDome:0', ['crawlAz', { velocity: 0.5 }], ['moveEl', { position: 40 }], ['closeShutter']),
  ...at(14, 'MTDome:0', ['stop', { subSystemIds: 5 }], ['setLouvers', { position: [5, -1, 80] }], ['park']),
  ...at(30, 'MTDome:0', ['openShutter'], ['closeLouvers'], ['stop'], ['disable'], ['enable']),
  ...at(5, 'ATDome:0', ['moveAzimuth', { azimuth: 100 }], ['closeShutter']),
  ...at(8, 'ATDome:0', ['stopMotion'], ['homeAzimuth'], ['moveShutterMainDoor', { open: true }]),
  ...at(9, 'ATDome:0', ['moveShutterDropoutDoor', { open: false }], ['moveAzimuth', { azimuth: 400 }]),
  ...at(60, 'ATDome:0', ['openShutter'], ['disable'], ['enable']),
  ...at(5, 'MTCamera:0', ['endImage'], ['takeImages', { numImages: 2, expTime: 3 }], ['takeImages', {}]),
  ...at(7, 'MTCamera:0', ['setFilter', { name: 'g_6' }]),
  ...at(17, 'MTCamera:0', ['takeImages', { numImages: 3, expTime: 0 }]),
  ...at(30, 'MTCamera:0', ['setFilter', { name: 'violet' }], ['takeImages', { numImages: 3, expTime: 4 }]),
  ...at(32, 'MTCamera:0', ['endImage']),
  ...at(40, 'MTCamera:0', ['setFilter', { name: 'g_6' }], ['takeImages', { numImages: 1, expTime: 1 }]),
  ...at(70, 'ATCamera:0', ['takeImages', { numImages: 2, expTime: 2 }], ['disable']),
  ...at(5, 'Scheduler:1', ['stop'], ['getBlockStatus', { id: 'BLOCK-365' }], ['getBlockStatus']),
  ...at(
    6,
    'Scheduler:1',
    ['addBlock', { id: 'BLOCK-7' }],
    ['addBlock'],
    ['removeBlock', { ids: 'BLOCK-7, X' }]
  ),
  ...at(
    7,
    'Scheduler:1',
    ['updateObservatoryStatus', { status: 5, note: 'fog' }],
    ['computePredictedSchedule']
  ),
  ...at(9, 'Scheduler:1', ['resume'], ['disable'], ['enable']),
  ...at(9, 'Scheduler:2', ['updateObservatoryStatus', { status: 0 }]),
  ...at(4, 'ScriptQueue:1', ['add', SLEEP], ['add', { ...SLEEP, config: 'fail' }], ['add', { path: 'x' }]),
  ...at(4, 'ScriptQueue:1', ['add', { ...SLEEP, config: 'invalid' }], ['add', { ...SLEEP, location: 1 }]),
  ...at(
    9,
    'ScriptQueue:1',
    ['move', { scriptSalIndex: 100001, location: 1 }],
    ['move', { scriptSalIndex: 1 }]
  ),
  ...at(9, 'ScriptQueue:1', ['move', { scriptSalIndex: 100000, location: 4, locationSalIndex: 7 }]),
  ...at(10, 'ScriptQueue:1', ['requeue', { scriptSalIndex: 100002, location: 3, locationSalIndex: 100000 }]),
  ...at(11, 'ScriptQueue:1', ['showScript', { scriptSalIndex: 100003 }], ['showScript', {}], ['showQueue']),
  ...at(12, 'ScriptQueue:1', ['stopScripts', { length: 1, salIndices: [100003] }], ['requeue', {}]),
  ...at(
    13,
    'ScriptQueue:1',
    ['showAvailableScripts'],
    ['showSchema', { path: 'sleep.py', isStandard: true }]
  ),
  ...at(
    20,
    'ScriptQueue:1',
    ['pause'],
    ['add', { ...SLEEP, pauseCheckpoint: 'slew', stopCheckpoint: 'take' }]
  ),
  ...at(30, 'ScriptQueue:1', ['resume'], ['disable'], ['showQueue'], ['add', SLEEP], ['enable']),
  ...at(60, 'ScriptQueue:1', ['stopScripts', { length: 2, salIndices: [100000, 100001], terminate: true }]),
  ...at(5, 'MTDome:0', ['fly']),
  ...at(22, 'Watcher:0', ['acknowledge', { name: 'Enabled.Test:42', severity: 3, acknowledgedBy: 'me' }]),
  ...at(23, 'Watcher:0', ['mute', { name: 'Enabled.Test:42', duration: 3, severity: 3, mutedBy: 'me' }]),
  ...at(24, 'Watcher:0', ['unacknowledge', { name: 'Enabled.Test:42' }], ['unmute', { name: 'nothing' }]),
  ...at(25, 'Watcher:0', ['makeLogEntry', { name: 'Enabled.Test:42' }], ['showAlarms']),
  ...at(60, 'Watcher:0', ['unmute', { name: 'Enabled.Test:42' }], ['disable'], ['enable']),
  ...at(4, 'Test:42', ['setScalars', { int0: 3 }], ['setArrays', { int0: [1, 2, 3, 4, 5] }]),
  ...at(5, 'Test:42', ['wait', { duration: 2, ack: -302 }], ['wait', { duration: 3, ack: 303 }]),
  ...at(20, 'Test:42', ['wait', { duration: 30 }], ['fault']),
  ...at(30, 'Test:42', ['standby'], ['exitControl']),
  ...at(
    5,
    'HVAC:0',
    ['enableDevice'],
    ['setLogLevel', { level: 10, subsystem: '' }],
    ['setLogLevel', { level: '' }]
  )
]

const instances = (
  'Watcher:0 MTMount:0 MTPtg:0 MTRotator:0 MTHexapod:1 MTHexapod:2 MTDome:0 MTCamera:0 ATDome:0 ATCamera:0 ' +
  'Scheduler:1 Scheduler:2 ScriptQueue:1 ScriptQueue:2 MTM1M3:0 MTM2:0 ESS:301 ESS:112 MTVMS:1 Test:42 HVAC:0 ATMCS:0'
)
  .split(' ')
  .map(name => ({ csc: name.split(':')[0] ?? '', index: Number(name.split(':')[1]) }))

/** A command of the recorded night and all its answers. */
export interface RecordedCommand {
  readonly name: string
  readonly command: string
  readonly replies: readonly ExecReply[]
}

/** Simulates the recorded night: every model, the automatic night, and a script of operators' commands. */
export function recordNight(seconds: number): { offline: OfflineSimulation; commands: RecordedCommand[] } {
  const offline = simulateOffline({ instances, night: true, holdSeconds: 20, boot: 1 })
  const commands: RecordedCommand[] = []
  for (const [second, name, command, params] of [...script].sort((a, b) => a[0] - b[0])) {
    if (second > offline.seconds()) offline.run(second - offline.seconds())
    commands.push({ name, command, replies: offline.command(name, command, params) })
  }
  offline.run(seconds - offline.seconds())
  return { offline, commands }
}
