import t from 'tap'
import { instanceHref, OVERVIEW_HREF, routeOf } from './route.ts'

t.test('an address leads to all components, to one of them, or nowhere', async t => {
  for (const hash of ['', '#', OVERVIEW_HREF]) t.same(routeOf(hash), { kind: 'overview' }, hash)
  t.same(routeOf(instanceHref('MTMount', 0)), { kind: 'instance', csc: 'MTMount', index: 0 })
  for (const hash of [
    '#/MTMount/0',
    '#/MTMount',
    '#MTMount:0',
    '#/MTMount:2147483648',
    '#/a b:0',
    '#/MTMount:x',
    '#/<script>:1'
  ])
    t.same(routeOf(hash), { kind: 'unknown', address: hash }, hash)
})
