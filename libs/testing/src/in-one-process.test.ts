import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const runner = fileURLToPath(new URL('../test/in-one-process.mjs', import.meta.url))

t.test(
  'files run one after the other, each closed before the next, to the closing line and exit code',
  async t => {
    const folder = t.testdir({
      test: {
        'a.test.ts': `import t from 'tap'
        import { setTimeout } from 'node:timers/promises'
        t.teardown(() => console.log('# a is closed'))
        t.setTimeout(50)
        t.test('good', { skip: false }, async () => setTimeout(200))
        t.end()`,
        deeper: { 'b.test.ts': `import t from 'tap'; t.test('bad', async t => t.fail())` }
      }
    })
    const argv = [runner, 'test']
    const { status, stdout } = spawnSync(process.execPath, argv, {
      cwd: folder,
      env: { PATH: process.env['PATH'], TMPDIR: folder },
      encoding: 'utf8'
    })
    t.equal(status, 1)
    t.match(
      stdout,
      /ok 1 - good[\s\S]*# a is closed[\s\S]*not ok 3 - bad[\s\S]*# \{ total: \d, pass: \d, fail: 1 \}/
    )
  }
)
