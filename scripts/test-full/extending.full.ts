/**
 * docs/extending.md is true: its steps, performed on a copy of the tree, give five additions that work, and a
 * tree that is still in order.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { connectBroker } from '@meridian/broker'
import { createTestLog, findNatsServer, freePort, startNats, waitFor } from '@meridian/testing'
import t from 'tap'
import { applyEdit, readSections, type Tree } from '../extending/steps.ts'
import { root } from '../root.ts'

t.setTimeout(540_000)

const copy = mkdtempSync(join(tmpdir(), 'meridian-extending-'))
t.teardown(() => rmSync(copy, { recursive: true, force: true }))

const tree: Tree = {
  read: file => (existsSync(join(copy, file)) ? readFileSync(join(copy, file), 'utf8') : undefined),
  write(file, text) {
    mkdirSync(dirname(join(copy, file)), { recursive: true })
    writeFileSync(join(copy, file), text)
  }
}

/** What the tests of the copy need of this machine, and nothing of the run that this test is part of. */
const env = {
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  CHROMIUM_BIN: process.env['CHROMIUM_BIN'],
  NATS_SERVER_BIN: findNatsServer(),
  npm_config_loglevel: 'error',
  NO_COLOR: '1'
}

/**
 * The page says `pnpm`; here it is the pinned one, which takes packages from its store and may change the
 * lockfile of the copy.
 */
const PNPM = `pnpm() {
  case "$1" in install) set -- "$@" --prefer-offline --no-frozen-lockfile;; esac
  npx -y pnpm@12.21.0 "$@"
}`

function run(command: string): { readonly code: number | null; readonly output: string } {
  // tap gives its own loaders to whatever a test starts.
  const script = `unset NODE_OPTIONS\n${PNPM}\nexec 2>&1\n${command}`
  const { status, stdout } = spawnSync('bash', ['-c', script], { cwd: copy, env, encoding: 'utf8' })
  return { code: status, output: stdout }
}

/** What a person would look at first. */
const endOf = (output: string): string => output.slice(-4_000)

/** What git knows of, as it stands now. */
function copyTree(): void {
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0')
  for (const file of files)
    if (file !== '' && existsSync(join(root, file))) cpSync(join(root, file), join(copy, file))
  // Lint asks git which files are ignored, and a test which there are.
  execFileSync('git', ['init', '--quiet'], { cwd: copy })
}

t.test('a copy of the tree is installed', async t => {
  copyTree()
  const { code, output } = run('pnpm install')
  if (!t.equal(code, 0)) t.comment(endOf(output))
})

for (const { heading, steps } of readSections(readFileSync(join(root, 'docs/extending.md'), 'utf8')))
  t.test(heading, async t => {
    for (const step of steps) {
      if (step.kind === 'run') {
        for (const command of step.commands) {
          const { code, output } = run(command)
          if (!t.equal(code, 0, command)) t.comment(endOf(output))
          t.notMatch(output, /# skip/i, `${command}: nothing is skipped`)
        }
      } else t.doesNotThrow(() => applyEdit(step, tree), `${step.kind} in ${step.file}`)
    }
  })

t.test('the new service runs as a process of its own', async t => {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const port = await freePort()
  const child = spawn(process.execPath, ['services/echo/dist/main.js'], {
    cwd: copy,
    env: { ...env, NATS_URL: nats.url, PORT: String(port) },
    stdio: 'ignore'
  })
  t.teardown(() => child.exitCode ?? child.kill('SIGKILL'))
  const answers = async (path: string): Promise<boolean> =>
    (await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined))?.ok === true
  await waitFor(() => answers('/readyz'), { what: 'the echo to be ready', timeoutMs: 60_000 })
  t.ok(await answers('/livez'))
  const broker = await connectBroker({ servers: nats.url, name: 'test', log: createTestLog() })
  t.teardown(() => broker.drain())
  const ping = await broker.request('$SRV.PING.echo', '', { timeoutMs: 5_000 })
  t.match(JSON.parse(ping.text()), { name: 'echo' })
  child.kill('SIGTERM')
  t.same(await once(child, 'exit'), [0, null])
})
