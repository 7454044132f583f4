import fc from 'fast-check'
import t from 'tap'
import { type GatewayLoad, parseGatewayLoad } from './gateway-load.ts'

const load: GatewayLoad = {
  id: 'gateway-1',
  v: 1,
  conns: 10,
  egressBps: 5,
  elu: 0.1,
  score: 0.01,
  ready: true,
  draining: false
}
const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))

t.test('a load is read, also one of a later version that says more', async t => {
  t.same(parseGatewayLoad(bytesOf(load)), load)
  t.match(parseGatewayLoad(bytesOf({ ...load, v: 2, rooms: 3 })), { ...load, v: 2 })
})

t.test('what is no load is nothing', async t => {
  const wrong: Partial<Record<keyof GatewayLoad, unknown>>[] = [
    { id: '' },
    { id: 'x'.repeat(129) },
    { id: 7 },
    { v: 0 },
    { conns: -1 },
    { conns: 1.5 },
    { conns: 1e9 },
    { egressBps: -1 },
    { elu: 1.1 },
    { elu: null },
    { score: -0.1 },
    { score: '1' },
    { ready: 1 },
    { draining: undefined }
  ]
  for (const member of wrong)
    t.equal(parseGatewayLoad(bytesOf({ ...load, ...member })), undefined, JSON.stringify(member))
  t.equal(parseGatewayLoad(Buffer.from(JSON.stringify(load).replace('0.01', '1e999'))), undefined, 'infinite')
  t.equal(parseGatewayLoad(bytesOf({ ...load, more: 'x'.repeat(2_000) })), undefined, 'too long')
  for (const text of ['', '{', 'null', '[]', '7', '"x"'])
    t.equal(parseGatewayLoad(Buffer.from(text)), undefined, text)
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), bytes => parseGatewayLoad(bytes) === undefined))
})
