/**
 * The overlays render, and `pnpm deploy:check` finds nothing wrong in them; what is wrong in a copy, it finds. It
 * builds its tools with Go, and downloads Go modules for the schemas, the first time.
 */
import t from 'tap'
import { checkDeploy } from '../deploy/check.ts'
import { overlays, renderOverlay, withComponentSets } from '../deploy/render.ts'
import { faultsAgainstSchemas } from '../deploy/schemas/check.ts'

t.setTimeout(540_000)

t.test(
  'every overlay and every component is in order, and the table of deploy/README.md is true',
  async t => {
    const said: string[] = []
    const isGood = await checkDeploy({ places: overlays() }, line => said.push(line))
    if (!t.ok(isGood)) t.comment(said.join('\n'))
  }
)

t.test('a release refuses the images of a tree that was not released', async t => {
  const said: string[] = []
  t.notOk(await checkDeploy({ places: ['local'], release: true }, line => said.push(line)))
  t.match(
    said.join('\n'),
    'local: Deployment/gateway: digests: container gateway: image meridian/gateway:unreleased'
  )
})

t.test("unknown fields are found, those of LOVE's affinity among them, in kinds of others too", async t => {
  const { text } = await renderOverlay('local')
  const broken: readonly (readonly [RegExp, string, RegExp])[] = [
    [/maxSurge:/, 'maxSurgee:', /maxSurgee/],
    [/livenessProbe:/, 'livenessProb:', /livenessProb/],
    [
      /( +)enableServiceLinks: false/,
      '$1affinity:\n$1  Chart:\n$1    Name: love-producer\n$1enableServiceLinks: false',
      /Chart/
    ],
    [/failureThreshold: \d+/, 'failureThreshold: often', /failureThreshold/]
  ]
  for (const [from, to, found] of broken) {
    const faults = await faultsAgainstSchemas(text.replace(from, to))
    t.equal(faults.length, 1, to)
    t.match(faults[0], { rule: 'schema', what: found })
  }
  const [{ text: keda }] = [
    await withComponentSets(render => render({ name: 'keda', place: 'local', options: ['keda'] }))
  ]
  const faults = await faultsAgainstSchemas(keda.replace('pollingInterval:', 'pollingIntervall:'))
  t.match(faults, [{ object: /^ScaledObject\//, what: /pollingIntervall/ }])
})

t.test('references inside resources of others follow a prefix', async t => {
  const { resources } = await withComponentSets(render =>
    render({ name: 'keda', place: 'local', options: ['keda'], namePrefix: 'x-' })
  )
  const [scaler] = resources.filter(({ kind }) => kind === 'ScaledObject')
  t.match(scaler?.spec?.scaleTargetRef?.name, /^x-/)
})
