import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '@meridian/errors'
import t from 'tap'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const begin = here('begin.cjs')

/**
 * A repository of a few files around the real first file; its npx and its system write down how they were
 * called.
 */
function smallRepository(
  folder: string,
  more: Readonly<Record<string, string>> = {}
): {
  write(path: string, text: string): void
  remove(path: string): void
  build(): void
  run(...args: string[]): { readonly status: number | null; readonly ran: string; readonly said: string }
} {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  for (const file of ['begin.cjs', 'build/freshness.cjs', 'start/options.cjs']) {
    write(`scripts/${file}`, '')
    copyFileSync(here(file), join(folder, 'scripts', file))
  }
  write('package.json', '{}')
  write('bin/npx', `#!/bin/sh\necho "npx $@" > ${folder}/ran\nexit 7\n`)
  chmodSync(join(folder, 'bin/npx'), 0o755)
  write('services/api/package.json', '{}')
  write('services/api/src/main.ts', 'one')
  const freshness = createRequire(import.meta.url)(join(folder, 'scripts/build/freshness.cjs'))
  return {
    write,
    remove: path => rmSync(join(folder, path), { recursive: true }),
    build() {
      write('pnpm-lock.yaml', 'packages')
      write('node_modules/.pnpm/lock.yaml', 'packages')
      write('services/api/dist/main.js', '')
      write(
        'scripts/dist/start.js',
        `require('fs').writeFileSync('${folder}/ran', 'start ' + process.argv.slice(2).join(' '))`
      )
      freshness.setBuilt(freshness.sourceState())
    },
    run(...args) {
      const env = { PATH: `${folder}/bin:${process.env['PATH']}`, ...more }
      const options = { env, encoding: 'utf8' } as const
      const argv = [join(folder, 'scripts/begin.cjs'), ...args]
      const { status, stdout, stderr } = spawnSync(process.execPath, argv, options)
      const ran = existsSync(join(folder, 'ran')) ? readFileSync(join(folder, 'ran'), 'utf8').trim() : ''
      return { status, ran, said: (stdout + stderr).trimEnd() }
    }
  }
}

t.test('an old Node gets one sentence', async t => {
  const old = `Object.defineProperty(process.versions, 'node', { value: '18.20.4' }); require(${JSON.stringify(begin)})`
  const { status, stderr } = spawnSync(process.execPath, ['-e', old], { encoding: 'utf8' })
  t.equal(status, 1)
  t.match(stderr, /^Meridian needs Node 20.19 or newer; this is Node 18.20.4 \(.*\)\.\n$/)
})

t.test('the script and its arguments reach the pinned pnpm, and its exit code comes back', async t => {
  const { status, ran, said } = smallRepository(t.testdir()).run('system', '--profile', 'small')
  t.equal(status, 7)
  t.match(said, /^first pnpm and the packages, then the build/, 'what takes long is said before it begins')
  t.match(ran, /^npx -y pnpm@[\d.]+ run system --profile small$/)
})

t.test('what is wrong with an option is said before anything is installed or built', async t => {
  const repository = smallRepository(t.testdir())
  const { message: refusal } = new AppError('RUN_BAD_OPTION')
  for (const [args, said] of [
    [['--profil', 'small'], /--profil is no option; these are: .*--profile/],
    [['--profile', 'tiny'], /--profile tiny: one of base, small, summit, tucson is expected\.$/],
    [['--site', 'there/is/none.yaml'], /--site there\/is\/none\.yaml: there is no such file/],
    [
      ['--oidc'],
      /--oidc takes the provider from the environment: set OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET_FILE/
    ],
    [['--users', '--oidc'], /--users and --oidc are two ways to log in/],
    [['--mqtt', '--secure'], /--mqtt is for a broker without keys/],
    [['--sal-kafka', '--secure'], /--sal-kafka starts a Kafka without keys/],
    [['--mqtt', '--nats', 'nats://h:1'], /--mqtt is for a broker that is started here/],
    [['--host', '0.0.0.0'], /--host 0\.0\.0\.0: a name is expected .*listens on this machine alone/],
    [['--host', 'x.example,::'], /--host ::: a name is expected/],
    [['--host', 'a b'], /--host a b: a name such as console\.example\.org is expected\.$/],
    [['--port', '80808'], /--port 80808: a whole number from 1 to 65535 is expected\.$/],
    [['--port', '8080', '--port', '8081'], /--port is given twice\.$/],
    [['--port'], /--port: a value is expected \(N\)\.$/],
    [['--users=yes'], /--users takes no value\.$/],
    [['--disk', '1'], /--disk 1: a number from 2 to 1024 is expected\.$/],
    [['--nats', '4222'], /--nats 4222: an address such as nats:/],
    [['8081'], /'8081' is no option: write npm start -- --port 8081/]
  ] as const)
    t.match(
      repository.run('system', ...args),
      { status: 2, ran: '', said: new RegExp(`^${refusal}: ${said.source}`) },
      args.join(' ')
    )
  t.match(repository.run('system', '--help'), { status: 0, ran: '', said: /--disk GIB/ })
  const flag = { npm_lifecycle_event: 'start', npm_config_users: 'true' }
  t.match(smallRepository(t.testdir(), flag).run('system').said, /write npm start -- --users, with two/)
  const swallowed = { npm_lifecycle_event: 'start', npm_config_gateways: '3' }
  t.match(smallRepository(t.testdir(), swallowed).run('system'), {
    status: 2,
    ran: '',
    said: /: --gateways went to npm: write npm start -- --gateways N/
  })
})

t.test('a start with nothing to install or build runs at once, without pnpm', async t => {
  const repository = smallRepository(t.testdir())
  repository.build()
  t.match(repository.run('system', '--port', '1'), { status: 0, ran: 'start --port 1', said: /^$/ })
  t.match(repository.run('check').ran, 'npx', 'other scripts go to pnpm')
})

t.test('a start builds again when a file was changed, added or lost, or the lockfile is another', async t => {
  const repository = smallRepository(t.testdir())
  const changes: Readonly<Record<string, () => void>> = {
    'a changed source': () => repository.write('services/api/src/main.ts', 'another'),
    'a new source': () => repository.write('libs/new/src/index.ts', ''),
    'a source that is gone': () => repository.remove('libs/new'),
    'a build that is gone': () => repository.remove('services/api/dist'),
    'another lockfile': () => repository.write('pnpm-lock.yaml', 'other packages'),
    'a new service': () => repository.write('services/worker/package.json', '{}')
  }
  for (const [what, change] of Object.entries(changes)) {
    repository.build()
    t.match(repository.run('system').ran, 'start', `fresh before ${what}`)
    change()
    t.match(repository.run('system').ran, 'npx', what)
  }
})

t.test('a changed test needs no build', async t => {
  const repository = smallRepository(t.testdir())
  repository.build()
  repository.write('services/api/src/main.test.ts', 'changed')
  t.match(repository.run('system').ran, 'start')
})

t.test('the first file is syntax that any Node of the last ten years reads', async t => {
  t.notMatch(readFileSync(begin, 'utf8').replaceAll(/\/\/.*/g, ''), /=>|\?\.|\?\?|\bconst\b|\blet\b|`/)
  t.ok(execFileSync(process.execPath, ['--check', begin]) !== undefined)
})
