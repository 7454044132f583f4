import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createProcessLog, lastWords } from './process-log.ts'

const folder = mkdtempSync(join(tmpdir(), 'meridian-log-'))
t.teardown(() => rmSync(folder, { recursive: true }))

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 5))
}

t.test('the log of the run before is kept beside the new one', async t => {
  const file = join(folder, 'kept.log')
  writeFileSync(file, 'before\n')
  createProcessLog(file)(Buffer.from('after\n'))
  await until(() => existsSync(file) && readFileSync(file, 'utf8') === 'after\n')
  t.equal(readFileSync(`${file}.1`, 'utf8'), 'before\n')
})

t.test('a log that cannot be written is told once and ends nobody', async t => {
  const said: string[] = []
  t.intercept(console, 'error', { value: (text: string) => said.push(text) })
  const missing = join(folder, 'missing')
  const logs = [createProcessLog(join(missing, 'a.log')), createProcessLog(join(missing, 'b.log'))]
  for (const log of logs) log(Buffer.from('lost\n'))
  await until(() => said.length > 0)
  await new Promise(resolve => setImmediate(resolve))
  for (const log of logs) log(Buffer.from('lost too\n'))
  t.match(said, [/\.log cannot be written .*log lines are lost/])
  t.equal(said.length, 1)
  mkdirSync(missing)
})

t.test('the last words of a process are its last error, else what its last line says', async t => {
  const file = join(folder, 'words.log')
  const fatal = JSON.stringify({ level: 60, msg: 'unexpected error', err: { message: 'it broke' } })
  writeFileSync(file, `plain\n${fatal}\n${JSON.stringify({ level: 30, msg: 'stopping' })}\n`)
  t.equal(lastWords(file), 'unexpected error: it broke')
  writeFileSync(file, `plain\n${JSON.stringify({ level: 30, msg: 'serves' })}\n`)
  t.equal(lastWords(file), 'serves')
  writeFileSync(file, 'one\ntwo\n')
  t.equal(lastWords(file), 'two')
  t.equal(lastWords(join(folder, 'none.log')), 'nothing')
})
