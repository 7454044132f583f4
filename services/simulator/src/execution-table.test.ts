import type { ExecReply } from '@meridian/protocol/commands'
import t from 'tap'
import { createExecutionTable } from './execution-table.ts'

const DONE: ExecReply = { ack: 303, error: 0, result: 'Done' }

t.test('one id is executed once, and whoever asks again gets every answer', async t => {
  const table = createExecutionTable()
  const first: ExecReply[] = []
  const second: ExecReply[] = []
  let reply: (answer: ExecReply) => void = () => {}
  const execute = (answer: (reply: ExecReply) => void): void => {
    reply = answer
    answer({ ack: 301, timeout: 5 })
  }
  t.ok(table.once('a', 'Test:1.wait', answer => first.push(answer), execute))
  t.notOk(
    table.once(
      'a',
      'Test:1.wait',
      answer => second.push(answer),
      () => t.fail('executed twice')
    )
  )
  reply(DONE)
  t.strictSame(first, [{ ack: 301, timeout: 5 }, DONE])
  t.strictSame(second, first)
  t.match(table.find('a'), { executions: 1, requests: 2 })
  t.equal(table.executed(), 1)
  t.equal(table.duplicates(), 1)
})

t.test('the table forgets the oldest id when it is full', async t => {
  const table = createExecutionTable(2)
  for (const id of ['a', 'b', 'c'])
    table.once(
      id,
      'x',
      () => {},
      () => {}
    )
  t.strictSame(
    table.all().map(({ id }) => id),
    ['b', 'c']
  )
})
