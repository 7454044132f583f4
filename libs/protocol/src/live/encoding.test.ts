import t from 'tap'
import { closeEventOf, dataEventOf, encodeControl, retryEventOf } from './encoding.ts'
import type { ControlRecord } from './server-frames.ts'

const textOf = (record: ControlRecord): string => Buffer.from(encodeControl('events', record)).toString()

t.test('a record is an event of its name; a cursor is an id, and needs no data', async t => {
  t.equal(
    textOf({ op: 'gap', stream: 'EVT', from: 1, to: 2 }),
    'event: gap\ndata: {"op":"gap","stream":"EVT","from":1,"to":2}\n\n'
  )
  t.equal(
    textOf({ op: 'live', id: 1, cursor: '1.X' }),
    'id: 1.X\nevent: live\ndata: {"op":"live","id":1,"cursor":"1.X"}\n\n'
  )
  t.equal(textOf({ op: 'cursor', cursor: '1.X' }), 'id: 1.X\n\n')
  t.equal(textOf({ op: 'topics', topics: [[1, 'a']] }), '')
  const error = { code: 'GTW_FULL', message: 'two\nlines', canRetry: true }
  t.equal(
    textOf({ op: 'error', error }),
    `event: refused\ndata: ${JSON.stringify({ op: 'error', error })}\n\n`,
    'a line for each text, and no name that an EventSource has itself'
  )
  t.equal(
    closeEventOf(1012, 'GTW_DRAINING'),
    'event: close\ndata: {"op":"close","code":1012,"reason":"GTW_DRAINING"}\n\n'
  )
  t.equal(retryEventOf(1_000), 'retry: 1000\n\n')
})

t.test('an event of data names its subject, and says the rest where there is any', async t => {
  const data = {
    subject: 'a.b',
    seq: 3,
    time: 1.5,
    fields: '{"n":1}',
    received: undefined,
    uncatalogued: false
  }
  t.equal(dataEventOf(data), 'data: {"subject":"a.b","seq":3,"time":1.5,"fields":{"n":1}}\n\n')
  t.equal(
    dataEventOf({ ...data, received: 9, uncatalogued: true }),
    'data: {"subject":"a.b","seq":3,"time":1.5,"fields":{"n":1},"received":9,"uncatalogued":true}\n\n'
  )
})
