import { execFileSync, spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { root } from './root.ts'

const compilers = createRequire(new URL('typecheck/package.json', import.meta.url))
const tsc = join(compilers.resolve('typescript/package.json'), '..', 'lib', 'tsc.js')

/** A program over the types that `pnpm types` wrote, and what each of its lines is meant to be. */
const GOOD = `
import { createClient, type TypedClient } from '@meridian/client'
import { type Commands, type Topics, WatcherAlarmSeverity } from './topics.ts'

const client: TypedClient<Topics, Commands> = createClient({ url: 'ws://127.0.0.1:1/live' })
client.subscribe(['tel.*.MTMount.0.azimuth'], { onData: ({ fields }) => fields.actualPosition.toFixed(3) })
client.subscribe([{ pattern: 'tel.summit.MTMount.0.azimuth', quality: 'latest', rate: 1, fields: ['timestamp'] }], {
  onData: ({ fields }) => fields.timestamp.toFixed(3)
})
client.subscribe(['evt.*.Watcher.0.alarm', 'evt.*.Watcher.0.alarm.a'], {
  onData: ({ fields }) => fields.severity === WatcherAlarmSeverity.Critical
})
client.subscribe(['script.*.1.*.state'], { onData: ({ fields }) => fields.reason.toUpperCase() })
client.subscribe(['script.*.1.*.script'], { onData: ({ fields }) => fields.scriptSalIndex.toFixed() })
client.subscribe(['evt.*.Watcher.0.alarm', 'tel.*.MTMount.0.azimuth'], {
  onData: ({ fields }) => 'severity' in fields ? fields.severity.toFixed() : fields.actualPosition.toFixed()
})
client.subscribe(['tel.>'], { onData: ({ fields }) => String(fields['anything']) })
client.command({ csc: 'MTMount', index: 0, command: 'moveToTarget', params: { azimuth: 10 } })
client.command({ csc: 'MTMount', index: 0, command: 'stop' }).done.then(({ state }) => state === 'complete')
`

/** Lines that must each be refused, with the fault that tsc finds. */
const BAD: readonly (readonly [string, RegExp])[] = [
  [
    `client.subscribe(['tel.*.MTMount.0.azimuth'], { onData: ({ fields }) => fields.actualPositoin })`,
    /TS2551/
  ],
  [
    `client.subscribe(['tel.*.MTMount.0.azimuth'], { onData: ({ fields }) => fields.timestamp.length })`,
    /TS2339/
  ],
  [
    `client.subscribe([{ pattern: 'tel.*.MTMount.0.azimuth', fields: ['timestamp'] }], { onData: ({ fields }) => fields.actualPosition })`,
    /TS2339/
  ],
  [
    `client.command({ csc: 'MTMount', index: 0, command: 'moveToTarget', params: { azimut: 1 } })`,
    /TS2561|TS2353/
  ],
  [
    `client.command({ csc: 'MTMount', index: 0, command: 'moveToTarget', params: { azimuth: '1' } })`,
    /TS2322/
  ],
  [`client.command({ csc: 'MTMount', index: 0, command: 'stop', params: { azimuth: 1 } })`, /TS2322|TS2353/],
  [`client.command({ csc: 'MTMount', index: 0, command: 'mvoe' })`, /TS2820|TS2322/],
  [`client.command({ csc: 'MTDome', index: 0, command: 'stop' })`, /TS2820|TS2322/]
]

t.test('programs over the types that were written compile, and a wrong name or type does not', async t => {
  const folder = t.testdir({
    'good.ts': GOOD,
    'bad.ts': [...GOOD.split('\n').slice(0, 5), ...BAD.map(([line]) => line)].join('\n'),
    'tsconfig.json': JSON.stringify({
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: {
        composite: false,
        noEmit: true,
        rootDir: '/',
        typeRoots: [join(root, 'node_modules/@types')],
        paths: { '@meridian/client': [join(root, 'libs/client/src/index.ts')] }
      },
      include: ['*.ts']
    })
  })
  const wanted = ['MTMount', 'Watcher.event.alarm', 'Script.event.state', 'ScriptQueue']
  const args = ['--import', 'tsx', '--conditions=development', 'scripts/types.ts', ...wanted]
  const said = execFileSync(process.execPath, [...args, '--out', join(folder, 'topics.ts')], { cwd: root })
  t.match(String(said), /topics\.ts: \d+ topics and commands\n$/)
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: '' }
  })
  const faults = stdout.split('\n').filter(line => /error TS/.test(line))
  t.same(
    faults.filter(line => !/bad\.ts\(/.test(line)),
    [],
    'what is right compiles'
  )
  for (const [at, [line, fault]] of BAD.entries()) {
    const told = faults.filter(one => one.includes(`bad.ts(${at + 6},`)).join('\n')
    t.match(told, fault, line)
  }
})
