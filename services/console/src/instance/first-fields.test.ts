import { signal } from '@preact/signals'
import t from 'tap'
import { summit } from '../../test/harness/summit.ts'
import type { ComponentSpec } from '../catalogue.ts'
import { fieldNameOf } from '../plot/field-ref.ts'
import type { PlotStore } from '../plot/plot-store.ts'
import { componentFactsOf } from '../site/site-facts.ts'
import { createChangeFinder, type FirstChoice, firstFieldsOf } from './first-fields.ts'
import { createFirstPlot } from './first-plot.ts'
import { createTopicStore } from './topic-store.ts'

type Fields = Readonly<Record<string, unknown>>

/** A store that has heard these topics, and a way to let it hear more. */
function heard(csc: string, topics: Readonly<Record<string, Fields>>, kind = 'tel') {
  const store = createTopicStore(signal(componentFactsOf(summit, csc).firstTopics ?? []))
  const hear = (name: string, fields: Fields): void => {
    const [topic = '', key] = name.split('.')
    const parts = { class: kind, site: 'summit', csc, index: 0, topic, ...(key && { key }) }
    const subject = `${kind}.summit.${csc}.0.${name}`
    store.apply(
      { subject, parts, seq: 1, time: 0, received: 0, fields, snapshot: true, uncatalogued: false },
      0
    )
  }
  for (const [name, fields] of Object.entries(topics)) hear(name, fields)
  store.show()
  return { store, hear }
}

const pathsOf = (csc: string, topics: Readonly<Record<string, Fields>>, spec?: ComponentSpec) =>
  firstFieldsOf(heard(csc, topics).store.topics.value, spec, componentFactsOf(summit, csc)).map(
    ref => `${ref.subject.split('.').slice(4).join('.')} ${fieldNameOf(ref)}`
  )

t.test('a component that operators know begins with what they look at first', async t => {
  const axis = { actualAcceleration: 0, actualPosition: 1 }
  t.same(pathsOf('MTMount', { elevation: axis, azimuth: axis, encoder: axis }), [
    'azimuth actualPosition',
    'elevation actualPosition'
  ])
  t.same(pathsOf('MTMount', { elevation: axis }), ['elevation actualPosition'], 'of two, the one there is')
  t.same(
    pathsOf('ESS', { 'airFlow.north': { speed: 3 }, 'airTurbulence.tower': { sonicTemperature: 9 } }),
    ['airTurbulence.tower sonicTemperature'],
    'the first choice of which anything is heard'
  )
  t.same(pathsOf('MTHexapod', { application: { position: [1, 2] } }), [
    'application position[0]',
    'application position[1]'
  ])
})

t.test(
  'another begins with the first number of its first topic, which is never a moment or a code',
  async t => {
    const spec: ComponentSpec = {
      name: 'MTCamera',
      indexed: false,
      commands: [],
      events: [],
      enumerations: [],
      telemetry: [
        {
          name: 'endOfImageTelemetry',
          fields: [
            { name: 'mode', type: 'int', count: 1, units: '', enumeration: 'Mode' },
            { name: 'darkTime', type: 'double', count: 1, units: 's' }
          ]
        }
      ]
    }
    const fields = {
      timestamp: 1.7e9,
      startTime: 1.7e9,
      tag: 'x',
      busy: true,
      mode: 2,
      all: [1],
      darkTime: 4
    }
    t.same(pathsOf('MTCamera', { endOfImageTelemetry: fields, zebra: { stripes: 1 } }, spec), [
      'endOfImageTelemetry darkTime'
    ])
    t.same(pathsOf('MTCamera', { zebra: { stripes: 1 } }, spec), [], 'not with just any topic')
    const { store } = heard('MTCamera', { endOfImageTelemetry: fields }, 'evt')
    t.same(
      firstFieldsOf(store.topics.value, spec, componentFactsOf(summit, 'MTCamera')),
      [],
      'not with an event'
    )
  }
)

t.test('where nobody has named anything, the first number that changes is taken', async t => {
  const { store, hear } = heard('Greenhouse', {
    climate: { timestamp: 1, celsius: 20, humidity: 50 },
    water: { litres: 4 }
  })
  const changeOf = createChangeFinder()
  t.equal(changeOf(store.topics.value, undefined), undefined)
  hear('climate', { timestamp: 2, celsius: 20, humidity: 50 })
  store.show()
  t.equal(changeOf(store.topics.value, undefined), undefined, 'a timestamp that moves is no change')
  hear('climate', { timestamp: 3, celsius: 20, humidity: 51 })
  store.show()
  t.match(changeOf(store.topics.value, undefined), { field: 'humidity', units: '' })
})

/** A plot that only notes what it begins with. */
function emptyPlot() {
  const begun: unknown[] = []
  const plot = {
    isBegun: () => begun.length > 0,
    begin: (fields: unknown) => begun.push(fields)
  } as unknown as PlotStore
  return { plot, begun }
}

t.test('a plot begins once, when all last values have come, and never against a choice', async t => {
  const { store } = heard('MTDome', { azimuth: { positionActual: 1 } })
  const { plot, begun } = emptyPlot()
  const choice = signal<FirstChoice | undefined>(undefined)
  const first = createFirstPlot(store, plot, { spec: signal({ kind: 'uncatalogued' }), choice })
  first.look()
  t.equal(begun.length, 0, 'a better field may still be on its way')
  first.ready()
  t.equal(begun.length, 0, 'nor before it is known what the site wants seen first')
  choice.value = componentFactsOf(summit, 'MTDome')
  first.look()
  t.match(begun, [[{ field: 'positionActual' }]])
})

t.test(
  'a component that has just started gets both its lines, and one alone when the other does not come',
  async t => {
    const choice = signal<FirstChoice | undefined>(componentFactsOf(summit, 'MTMount'))
    const spec = signal({ kind: 'uncatalogued' } as const)
    const axis = { actualPosition: 1 }
    const { store, hear } = heard('MTMount', { azimuth: axis })
    const early = emptyPlot()
    const first = createFirstPlot(store, early.plot, { spec, choice })
    first.ready()
    first.look()
    t.same(early.begun, [])
    hear('elevation', axis)
    store.settle()
    first.look()
    t.match(early.begun, [{ length: 2 }])

    const alone = emptyPlot()
    const second = createFirstPlot(heard('MTMount', { azimuth: axis }).store, alone.plot, { spec, choice })
    second.ready()
    for (let look = 0; look < 10; look++) second.look()
    t.match(alone.begun, [{ length: 1 }])
  }
)
