import t from 'tap'
import { forgetComponent } from '../../../scripts/forget/forget-component.ts'
import { events, evt, type Publication, publish, subscribed, tel } from './gap-world.ts'
import { startObservatory } from './observatory.ts'
import { back, goAway, startShort, subjects, telemetry } from './removed-world.ts'

// What `pnpm forget` removes makes no gap for a client that was away, and hides none; how it is told: forget.test.ts.

t.test('what is forgotten makes no gap, also behind a restart; what is removed besides is told', async t => {
  const rogue = 'evt.summit.MTMount.5.state'
  const both = { id: 1, patterns: [...events.patterns, ...telemetry.patterns] }
  const away = await goAway(t, [rogue, evt('a'), 'tel.summit.MTMount.5.azimuth', tel('b'), rogue], {
    wanted: both
  })
  const mount = { site: 'summit', csc: 'MTMount', index: 5 }
  const { TEL, EVT } = await forgetComponent(away.site.broker, mount)
  t.ok(TEL > 50 && EVT > 100, `${TEL} and ${EVT} are removed`)
  await publish(away.site, away.published, [evt('a'), tel('b')], 100)
  const left = away.published.filter(({ subject }) => !subject.includes('MTMount.5'))
  const kept = { ...away, published: left }
  const restarted = await startShort(t, away.site)
  for (const gateway of [away.gateway, restarted])
    t.same(await back(gateway, kept, both), { EVT: 'resumed', TEL: 'resumed' })

  const [event, sample] = [evt('a'), tel('b')].map(name => left.filter(one => one.subject === name)[10]?.seq)
  await away.site.jetstream('STREAM.MSG.DELETE.EVT', { seq: event })
  await away.site.jetstream('STREAM.MSG.DELETE.TEL', { seq: sample })
  for (const gateway of [away.gateway, restarted])
    t.match(await back(gateway, kept, both), {
      EVT: { gap: { from: event, to: event } },
      TEL: { gap: { from: sample, to: sample } }
    })
})

t.test('what is forgotten from the head of a stream makes no gap', async t => {
  const site = await startObservatory()
  t.teardown(() => site.stop())
  const rogue = 'evt.summit.MTMount.5.state'
  await site.put(rogue)
  const gateway = await startShort(t, site)
  const client = await subscribed(gateway)
  client.ws.close()
  await client.whenClosed()
  for (let n = 0; n < 5; n++) await site.put(rogue)
  const published: Publication[] = []
  await publish(site, published, subjects, 100)
  t.match(await forgetComponent(site.broker, { site: 'summit', csc: 'MTMount', index: 5 }), { EVT: 6 })
  const away = { site, gateway, published, cursor: client.cursor }
  for (const one of [gateway, await startShort(t, site)]) t.same(await back(one, away), { EVT: 'resumed' })
})

t.test('what was forgotten of streams that were made anew since hides nothing that they lose', async t => {
  const site = await startObservatory()
  t.teardown(() => site.stop())
  for (let n = 0; n < 300; n++)
    for (const subject of ['tel.summit.MTMount.5.azimuth', 'evt.summit.MTMount.5.state'])
      await site.put(subject)
  t.match(await forgetComponent(site.broker, { site: 'summit', csc: 'MTMount', index: 5 }), { TEL: 300 })
  for (const stream of ['TEL', 'EVT']) await site.jetstream(`STREAM.DELETE.${stream}`)
  await site.makeStreams()
  const gateway = await startShort(t, site)
  const both = { id: 1, patterns: [...events.patterns, ...telemetry.patterns] }
  for (const subject of [evt('first'), tel('first')]) await site.put(subject)
  const client = await subscribed(gateway, both)
  client.ws.close()
  await client.whenClosed()
  const published: Publication[] = []
  await publish(site, published, [tel('a'), evt('a'), tel('b'), evt('b')], 200)
  const away = { site, gateway, published, cursor: client.cursor }
  await site.jetstream('STREAM.PURGE.TEL', { filter: tel('b') })
  const removed = { TEL: { gap: { to: Number } }, EVT: 'resumed' }
  t.match(await back(gateway, away, both), removed)
  t.match(await back(await startShort(t, site), away, both), removed)
  for (const stream of ['TEL', 'EVT']) await site.jetstream(`STREAM.PURGE.${stream}`, { seq: 50 })
  const event = published.find(({ subject }) => subject === evt('a'))?.seq
  const head = { TEL: { gap: { to: Number } }, EVT: { gap: { from: event, to: 49 } } }
  t.match(await back(await startShort(t, site), away, both), head)
})

t.test('a note of `pnpm forget` that removed nothing hides no loss of others', async t => {
  const away = await goAway(t, ['tel.summit.MTMount.5.azimuth', tel('a')], { wanted: telemetry, count: 200 })
  const { config } = (await away.site.jetstream('STREAM.INFO.TEL')) as { config: object }
  await away.site.jetstream('STREAM.UPDATE.TEL', { ...config, deny_purge: true })
  await t.rejects(forgetComponent(away.site.broker, { site: 'summit', csc: 'MTMount', index: 5 }), {
    code: 'BRK_REFUSED'
  })
  const lost = away.published.filter(({ subject }) => subject === tel('a')).slice(10, 60)
  for (const { seq } of lost) await away.site.jetstream('STREAM.MSG.DELETE.TEL', { seq })
  const told = { TEL: { gap: { from: lost[0]?.seq, to: lost.at(-1)?.seq } } }
  for (const gateway of [away.gateway, await startShort(t, away.site)])
    t.match(await back(gateway, away, telemetry), told)
})
