/**
 * Two gateways become four, behind every balancer that sites have: clients spread, few move, none twice, nothing
 * is lost, and once it is even nobody moves. With shedding off the new ones stay empty: TSTN-046.
 */
import t, { type Test } from 'tap'
import { movesOf, spreadOf } from '../test/moving-clients.ts'
import { closesOf, evenWithin, hintsOf, nameOf, quiet, startSite, unevenness } from './balance-site.ts'
import { type Balancer, balancers, leastConnections, whyNot } from './balancers.ts'

const CLIENTS = 200
/** What must move when two become three and then four: they never are ready at the same moment. */
const LEAST_MOVES = CLIENTS / 3 + CLIENTS / 4
const ALL = [0, 1, 2, 3].map(nameOf)
/** As long as the even spread is watched. */
const STEADY_MS = 5_000
const LONG_STEADY_MS = 60_000

t.setTimeout(580_000)

for (const balancer of balancers) {
  t.test(
    `clients behind ${balancer.name} spread over gateways that come later`,
    { skip: whyNot(balancer) },
    t => spread(t, balancer)
  )
  t.test(`behind ${balancer.name} nothing moves while shedding is off`, { skip: whyNot(balancer) }, t =>
    standStill(t, balancer)
  )
}

async function spread(t: Test, balancer: Balancer): Promise<void> {
  const site = await startSite(t, balancer, { slots: 4 })
  await Promise.all([site.start(0), site.start(1)])
  await site.isKnown(ALL.slice(0, 2))
  const clients = await site.connect(CLIENTS)
  await Promise.all([site.start(2), site.start(3)])
  await evenWithin(clients, ALL, 1.15)
  await quiet(site, clients)
  const moves = movesOf(clients)
  t.comment(`${spreadOf(clients, ALL).join('/')} after ${moves} moves`)
  t.ok(moves <= LEAST_MOVES * (balancer.isLeast ? 1.25 : 2), `${moves} moves`)
  t.ok(
    clients.every(({ codes }) => codes.length <= 1),
    'nobody moves twice within a minute'
  )
  const hints = await hintsOf(site)
  await new Promise(resolve =>
    setTimeout(resolve, balancer === leastConnections ? LONG_STEADY_MS : STEADY_MS)
  )
  t.equal(await hintsOf(site), hints, 'an even spread stays as it is')
  await site.judge(t, clients)
  t.same(closesOf(clients), { 1000: moves }, 'only those that moved closed a connection')
  t.same([...new Set(clients.flatMap(({ states }) => [...states]))], ['live'], 'a page sees nothing of it')
}

async function standStill(t: Test, balancer: Balancer): Promise<void> {
  const site = await startSite(t, balancer, { slots: 4, settings: { REBALANCE: 'false' } })
  await Promise.all([site.start(0), site.start(1)])
  await site.isKnown(ALL.slice(0, 2))
  const clients = await site.connect(CLIENTS)
  await Promise.all([site.start(2), site.start(3)])
  await new Promise(resolve => setTimeout(resolve, 5_000))
  t.ok(unevenness(spreadOf(clients, ALL)) >= 1.8, `spread ${spreadOf(clients, ALL).join('/')}`)
  t.equal(movesOf(clients), 0)
  await site.judge(t, clients)
}
