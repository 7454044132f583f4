import { lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { writePrivateFile } from './private-files.ts'

t.test('a file is not written through a link that waits under the name of its draft', async t => {
  const folder = t.testdir({ victim: 'mine' })
  const file = `${folder}/admin.word`
  symlinkSync(`${folder}/victim`, `${file}.new`)
  writePrivateFile(file, 'secret')
  t.equal(readFileSync(`${folder}/victim`, 'utf8'), 'mine')
  t.equal(readFileSync(file, 'utf8'), 'secret')
  t.ok(lstatSync(file).isFile())
  t.equal((lstatSync(file).mode & 0o777).toString(8), '600')
  writeFileSync(`${file}.new`, 'what a start that was killed had begun', { mode: 0o644 })
  writePrivateFile(file, 'another')
  t.equal(readFileSync(file, 'utf8'), 'another')
  t.equal((lstatSync(file).mode & 0o777).toString(8), '600')
})
