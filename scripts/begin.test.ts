import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const begin = fileURLToPath(new URL('begin.cjs', import.meta.url))

t.test('an old Node gets one sentence', async t => {
  const old = `Object.defineProperty(process.versions, 'node', { value: '18.20.4' }); require(${JSON.stringify(begin)})`
  const { status, stderr } = spawnSync(process.execPath, ['-e', old], { encoding: 'utf8' })
  t.equal(status, 1)
  t.match(stderr, /^Meridian needs Node 20.19 or newer; this is Node 18.20.4 \(.*\)\.\n$/)
})

t.test('the script and its arguments reach the pinned pnpm, and its exit code comes back', async t => {
  const folder = t.testdir()
  writeFileSync(`${folder}/npx`, `#!/bin/sh\necho "$@" > ${folder}/asked\nexit 7\n`)
  chmodSync(`${folder}/npx`, 0o755)
  const { status } = spawnSync(process.execPath, [begin, 'system', '--profile', 'small'], {
    env: { PATH: `${folder}:${process.env['PATH']}` }
  })
  t.equal(status, 7)
  t.match(readFileSync(`${folder}/asked`, 'utf8'), /^-y pnpm@[\d.]+ run system --profile small$/m)
})

t.test('the first file is syntax that any Node of the last ten years reads', async t => {
  t.notMatch(readFileSync(begin, 'utf8').replaceAll(/\/\/.*/g, ''), /=>|\?\.|\?\?|\bconst\b|\blet\b|`/)
  t.ok(execFileSync(process.execPath, ['--check', begin]) !== undefined)
})
