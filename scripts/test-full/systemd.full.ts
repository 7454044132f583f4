/** The units of deploy/systemd: sound, shut in, and with settings that the services have. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findNatsServer } from '@meridian/testing'
import t from 'tap'
import { root } from '../root.ts'

const folder = join(root, 'deploy/systemd')
const units = readdirSync(folder).filter(name => /\.(service|target)$/.test(name))
const services = units.filter(name => name.endsWith('.service'))
/** Tenths of the exposure that `systemd-analyze security` counts; 10.0 is a service without any limit. */
const MOST_EXPOSED = 15

const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined
const skip = has('systemd-analyze') ? false : 'systemd-analyze is not installed'

/** The units with programs that this machine has. */
function copyUnits(into: string): string {
  cpSync(folder, into, { recursive: true })
  for (const unit of services) {
    const text = readFileSync(join(into, unit), 'utf8')
    const here = text
      .replace('/usr/bin/node', process.execPath)
      .replace('/usr/bin/nats-server', findNatsServer())
    writeFileSync(join(into, unit), here)
  }
  return into
}

/** Runs systemd-analyze on one of these units; the colon keeps systemd's own units in sight. */
function analyze(
  units: string,
  ...args: string[]
): { readonly status: number | null; readonly said: string } {
  const env = { ...process.env, SYSTEMD_UNIT_PATH: `${units}:` }
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { cwd: units, env, encoding: 'utf8' })
  return { status, said: `${stdout}${stderr}` }
}

const security = (units: string, unit: string): ReturnType<typeof analyze> =>
  analyze(units, 'security', '--offline=true', `--threshold=${MOST_EXPOSED}`, `./${unit}`)

t.test('systemd finds nothing wrong with any unit', { skip }, async t => {
  const copied = copyUnits(t.testdir({}))
  for (const unit of units) {
    const { status, said } = analyze(copied, 'verify', '--man=no', `./${unit}`)
    t.equal(status, 0, `${unit}: ${said}`)
    t.notMatch(said, new RegExp(unit.split(/[@.]/)[0] ?? ''), unit)
  }
  const broken = join(copied, 'meridian-api.service')
  writeFileSync(broken, readFileSync(broken, 'utf8').replace('ExecStart=', 'ExecStrat='))
  t.not(analyze(copied, 'verify', '--man=no', './meridian-api.service').status, 0)
})

t.test('no unit can do more than it needs', { skip }, async t => {
  const copied = copyUnits(t.testdir({}))
  for (const unit of services) t.equal(security(copied, unit).status, 0, unit)
  rmSync(join(copied, 'meridian-.service.d'), { recursive: true })
  for (const unit of services)
    t.not(security(copied, unit).status, 0, `${unit} without what is common to all`)
})

t.test('each unit runs a bundle that there is, with settings that it has', async t => {
  const common = settingsIn(readFileSync(join(folder, 'meridian-.service.d/common.conf'), 'utf8'))
  for (const unit of services.filter(name => !/nats|streams/.test(name))) {
    const text = readFileSync(join(folder, unit), 'utf8')
    const [, bundle = ''] = /^ExecStart=\/usr\/bin\/node (\S+)$/m.exec(text) ?? []
    t.ok(existsSync(join(root, bundle)), `${unit}: ${bundle}`)
    const { stdout } = spawnSync(process.execPath, [join(root, bundle), '--help'], { encoding: 'utf8' })
    for (const name of [...common, ...settingsIn(text)])
      t.match(stdout, new RegExp(`^  ${name} `, 'm'), `${unit}: ${name}`)
  }
})

/** Names of settings; NODE_ENV is Node's own. */
const settingsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^Environment=(.*)$/gm)]
    .flatMap(([, line = '']) => [...line.matchAll(/(?:^| |")([A-Z][A-Z_]+)=/g)].map(([, name = '']) => name))
    .filter(name => name !== 'NODE_ENV')

t.test('the broker takes its configuration', async t => {
  const { status, stderr } = spawnSync(findNatsServer(), ['-t', '-c', join(folder, 'nats.conf')], {
    encoding: 'utf8'
  })
  t.equal(status, 0, stderr)
})
