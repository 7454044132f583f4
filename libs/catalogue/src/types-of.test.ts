import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { loadCatalogue, topicNamesOf, typesOf } from './index.ts'

const catalogue = loadCatalogue()
const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '..', 'lib', 'tsc.js')

/** What the compiler says of all files of the folder, in one run: its start costs more than both. */
const compile = (folder: string): string => {
  const flags = [
    '--noEmit',
    '--strict',
    '--erasableSyntaxOnly',
    '--exactOptionalPropertyTypes',
    '--lib',
    'es2023',
    '--target',
    'es2023'
  ]
  const args = [tsc, ...flags, '--ignoreConfig', 'good.ts', 'bad.ts']
  return spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' }
  }).stdout
}

t.test(
  'types of whole components compile and hold what samples carry; a value of another type does not compile',
  { timeout: 600_000 },
  async t => {
    const names = ['MTMount', 'MTM1M3', 'MTDome', 'ATCamera', 'HVAC', 'Script'].flatMap(csc => {
      const component = catalogue.component(csc)
      return component === undefined ? [] : topicNamesOf(component)
    })
    const use = [
      'const mount: Pick<MTMountTelemetryAzimuth, "actualPosition"> = { actualPosition: 12.5 }',
      'const moving: MTMountEventAzimuthMotionState = { state: MTMountAxisMotionState.Tracking }',
      'const zForce: MTM1M3TelemetryForceActuatorData["zForce"] = [1, 2]',
      'const direction: MTDomeCommandHome["direction"] = MTDomeOpenClose.CLOSED',
      'const volts: ATCameraTelemetryPower["V"] = null',
      'export const used = [mount, moving, zForce, direction, volts]'
    ].join('\n')
    const state = typesOf(catalogue, [{ csc: 'MTMount', kind: 'event', name: 'azimuthMotionState' }])
    const folder = t.testdir({
      'good.ts': `${typesOf(catalogue, names)}\n${use}\n`,
      'bad.ts': `${state}\nexport const s: MTMountEventAzimuthMotionState = { state: 'on' }\n`
    })
    const said = compile(folder).trim().split('\n')
    t.equal(said.length, 1, said.join('\n'))
    t.match(said[0], /^bad\.ts\(.*TS2322/)
  }
)

t.test('topics that do not exist are left out, and a list is printed once', async t => {
  t.notMatch(typesOf(catalogue, [{ csc: 'MTMount', kind: 'event', name: 'nothing' }]), 'interface')
  const names = ['azimuthMotionState', 'elevationMotionState'].map(name => ({
    csc: 'MTMount',
    kind: 'event' as const,
    name
  }))
  t.equal(typesOf(catalogue, names).split('MTMountAxisMotionState = {').length, 2)
})
