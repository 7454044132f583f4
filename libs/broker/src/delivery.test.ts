import t from 'tap'
import { emptyDelivery, readDelivery } from './delivery.ts'

const expected = { deliveries: 2, seq: 1234, consumerSeq: 56, timeUs: 1795292928625123, pending: 7 }

t.test('a delivery is read from both forms of the reply subject', async t => {
  const old = emptyDelivery()
  t.ok(readDelivery('$JS.ACK.TEL.gw_1.2.1234.56.1795292928625123456.7', 'gw_1', old))
  t.same(old, expected)
  const young = emptyDelivery()
  t.ok(readDelivery('$JS.ACK.hub.AB12.TEL.gw_1.2.1234.56.1795292928625123456.7.x9', 'gw_1', young))
  t.same(young, expected)
})

t.test('a message of another consumer is not ours', async t => {
  t.notOk(readDelivery('$JS.ACK.TEL.gw_12.2.1234.56.1795292928625123456.7', 'gw_1', emptyDelivery()))
  t.notOk(readDelivery('', 'gw_1', emptyDelivery()))
})
