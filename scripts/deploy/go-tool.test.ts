import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import t from 'tap'
import { root } from '../root.ts'
import { goToolsFile } from './go-tool.ts'

/** The lines of .ci/install that build what the file lists. */
const loop = /^grep .*go-tools\.txt [\s\S]*?^done$/m.exec(
  readFileSync(join(root, '.ci/install'), 'utf8')
)?.[0]

t.test('.ci/install builds what deploy:check looks for, from the one list of versions', async t => {
  const folder = t.testdir({ go: '#!/bin/sh\necho "$GOBIN $@" >>asked\n' })
  chmodSync(join(folder, 'go'), 0o755)
  mkdirSync(join(folder, 'scripts/deploy'), { recursive: true })
  cpSync(goToolsFile, join(folder, 'scripts/deploy/go-tools.txt'))
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}` }
  // --norc: a bash whose input is a socket may read the start file of whoever tests, and with it another PATH.
  execFileSync('bash', ['--norc', '-c', loop ?? 'exit 1'], { cwd: folder, env })
  const listed = readFileSync(goToolsFile, 'utf8').trim().split('\n').slice(1)
  const asked = listed.map(line => {
    const [name, from, version] = line.split(' ')
    return `${folder}/node_modules/.cache/deploy/${name}-${version} install ${from}@${version}`
  })
  t.same(readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n'), asked)
  t.same(listed.map(line => line.split(' ')[0]).sort(), ['kubeconform', 'kustomize'])
})
