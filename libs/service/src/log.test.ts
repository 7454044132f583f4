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
