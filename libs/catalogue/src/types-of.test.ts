import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { loadCatalogue, topicNamesOf, typesOf } from './index.ts'

const catalogue = loadCatalogue()
const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '..', 'lib', 'tsc.js')

const compile = (file: string): string => {
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
  try {
    return execFileSync(process.execPath, [tsc, ...flags, '--ignoreConfig', file], { encoding: 'utf8' })
  } catch (error) {
    return String((error as { stdout: string }).stdout)
  }
}

t.test('types of whole components compile, and hold what samples carry', { timeout: 60_000 }, async t => {
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
  const folder = t.testdir({ 'good.ts': `${typesOf(catalogue, names)}\n${use}\n` })
  t.equal(compile(join(folder, 'good.ts')), '')
})

t.test('a value of another type does not compile', { timeout: 60_000 }, async t => {
  const text = typesOf(catalogue, [{ csc: 'MTMount', kind: 'event', name: 'azimuthMotionState' }])
  const folder = t.testdir({
    'bad.ts': `${text}\nexport const s: MTMountEventAzimuthMotionState = { state: 'on' }\n`
  })
  t.match(compile(join(folder, 'bad.ts')), /TS2322/)
})

t.test('topics that do not exist are left out, and a list is printed once', async t => {
  t.notMatch(typesOf(catalogue, [{ csc: 'MTMount', kind: 'event', name: 'nothing' }]), 'interface')
  const names = ['azimuthMotionState', 'elevationMotionState'].map(name => ({
    csc: 'MTMount',
    kind: 'event' as const,
    name
  }))
  t.equal(typesOf(catalogue, names).split('MTMountAxisMotionState = {').length, 2)
})
