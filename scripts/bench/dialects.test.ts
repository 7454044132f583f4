import t from 'tap'
import { createNatsReader } from './dialects.ts'
import { dueAt } from './observed-telescope.ts'

t.test('messages of nats-server are counted, however frames cut them', async t => {
  const text = 'INFO {}\r\nMSG a.b 1 7\r\nMSG 1\r\n\r\nPING\r\nMSG a.c 2 0\r\n\r\n'
  for (let cut = 0; cut <= text.length; cut++) {
    const lines: string[] = []
    const read = createNatsReader(line => lines.push(line))
    const messages = read(Buffer.from(text.slice(0, cut))) + read(Buffer.from(text.slice(cut)))
    t.equal(messages, 2, `cut at ${cut}`)
    t.same(lines, ['INFO {}', 'PING'], `cut at ${cut}`)
  }
})

t.test('a view is due no more of a topic than its rate', async t => {
  t.equal(dueAt([3, 10, 500], 100), 113)
  t.equal(dueAt([], 100), 0)
})
