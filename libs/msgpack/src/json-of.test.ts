import t from 'tap'
import { jsonOf } from './json-of.ts'

t.test('-0 stays -0, wherever it stands and whatever stands beside it', async t => {
  const value = {
    a: [1, -0, Number.NaN, 'x', null],
    b: { c: -0, d: undefined },
    e: 2n ** 60n,
    f: Uint8Array.of(1)
  }
  const text = '{"a":[1,-0.0,"NaN","x",null],"b":{"c":-0.0},"e":"1152921504606846976","f":"AQ=="}'
  t.equal(jsonOf(value), text)
  t.ok(Object.is(JSON.parse(text).b.c, -0))
  t.equal(jsonOf({ ...value, a: [0], b: {} }), '{"a":[0],"b":{},"e":"1152921504606846976","f":"AQ=="}')
})
