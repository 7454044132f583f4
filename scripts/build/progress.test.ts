import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, utimesSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const { partsSince } = createRequire(import.meta.url)('./progress.cjs') as {
  partsSince(outputs: readonly string[], beganMs: number): readonly string[]
}
const root = fileURLToPath(new URL('../..', import.meta.url))

t.test('a part is ready once something was written into its folder since the build began', async t => {
  const folder = t.testdir({ old: { 'main.js': '' }, new: { 'main.js': '' }, empty: {} })
  const outputs = ['old', 'new', 'empty', 'none'].map(name => `${folder}/${name}`)
  utimesSync(`${folder}/old/main.js`, 1_000, 1_000)
  utimesSync(`${folder}/new/main.js`, 3_000, 3_000)
  t.same(partsSince(outputs, 2_000_000), [`${folder}/new`])
})

t.test('a build that takes long tells how far it is, and fails as turbo does', async t => {
  const copy = t.testdir({ bin: { turbo: '#!/bin/sh\nsleep 6\nexit 3\n' }, scripts: {}, services: {} })
  execFileSync('cp', ['-r', `${root}/scripts/build`, `${copy}/scripts/build`])
  chmodSync(`${copy}/bin/turbo`, 0o755)
  const { status, stdout } = spawnSync(process.execPath, [`${copy}/scripts/build/build.cjs`], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${copy}/bin:${process.env['PATH']}` }
  })
  t.equal(status, 3)
  t.match(stdout, /^building 1 parts where they have changed/)
  t.match(stdout, /5 s: none is ready yet/)
})
