import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { AppError } from '@meridian/errors'
import t from 'tap'
import { createLog } from './log.ts'

t.test(
  'what came from outside fills no log: texts of facts and errors are cut, everything else stands',
  async t => {
    const lines: string[] = []
    const destination = { write: (line: string) => void lines.push(line) }
    const log = createLog({ name: 'test', level: 'info', pretty: false, destination })
    const long = 'tel.summit.'.repeat(1_000)
    const err = new AppError('WIR_BAD_SUBJECT', { detail: long })
    log.child({ part: 'x' }).warn({ subject: long, err, seq: 7 }, 'message cannot be read')
    t.equal(lines.length, 1)
    t.ok((lines[0] ?? '').length < 8_000, `${lines[0]?.length} characters`)
    const { subject, err: told, ...facts } = JSON.parse(lines[0] ?? '')
    t.match(subject, /^tel\.summit\..*\.\.\. \(11000 characters\)$/)
    t.match(told, { type: 'AppError', message: /characters\)$/, stack: /^AppError/ })
    t.match(facts, { name: 'test', part: 'x', seq: 7, msg: 'message cannot be read' })
  }
)

t.test('the stack of an error names the source files of a bundle that has its map beside it', async t => {
  const folder = t.testdir({
    'main.js': 'bundled',
    'main.js.map': JSON.stringify({ version: 3, sources: ['src/a.ts'], names: [], mappings: 'AAAA' })
  })
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  const err = new Error('broken')
  err.stack = `Error: broken\n    at run (${pathToFileURL(join(folder, 'main.js')).href}:1:1)`
  createLog({ name: 'test', level: 'info', pretty: false, destination }).error({ err }, 'failed')
  const { stack } = JSON.parse(lines[0] ?? '').err
  t.equal(stack, `Error: broken\n    at run (${join(folder, 'src/a.ts')}:1:1)`)
})
