import { parseFirstField } from '../display.ts'
import type { Facts, TopicRow } from '../facts.ts'
import type { Problems } from './problems.ts'
import { fits, type Rates, type Rules } from './rules.ts'

/** Reports every rule that matches nothing in the facts, so that no obsolete rule stays. */
export function checkRules(facts: Facts, { overrides, rates, display }: Rules, problems: Problems): void {
  const names = namesOf(facts)
  const patterns = (rules: object, known: readonly string[]): string[] =>
    Object.keys(rules).filter(pattern => !known.some(name => fits(pattern, name)))
  const unused = {
    'overrides.yaml': [
      ...patterns(overrides.enumerations, names.enumerations),
      ...patterns(overrides.links, names.fields),
      ...patterns(overrides.keys, names.topics),
      ...Object.entries(overrides.scriptIndex)
        .filter(([topic, field]) => !names.fields.includes(`${topic}.${field}`))
        .map(([topic]) => topic)
    ],
    'rates.yaml': topicsOfRates(rates).filter(topic => !names.topics.includes(topic)),
    'display.yaml': unusedDisplay(display, facts, names)
  }
  for (const [file, elements] of Object.entries(unused))
    for (const element of elements)
      problems.add({ code: 'CAT_BAD_RULE', file, element, message: 'fits nothing' })
}

/** Topics that the rates name, as `CSC.kind.topic`; a rate for a whole component counts as its heartbeat. */
function topicsOfRates(rates: Rates): string[] {
  return Object.entries(rates.components).flatMap(([csc, { topics = {}, events = {}, instances = {} }]) => [
    `${csc}.event.heartbeat`,
    ...[...Object.keys(topics), ...Object.values(instances).flat()].map(name => `${csc}.telemetry.${name}`),
    ...Object.keys(events).map(name => `${csc}.event.${name}`)
  ])
}

/** Components, topics and fields that `display.yaml` names and that do not exist. */
function unusedDisplay(
  { subsystems, firstTopics, firstFields }: Rules['display'],
  facts: Facts,
  { topics, fields }: ReturnType<typeof namesOf>
): string[] {
  const isShown = (topic: string): boolean =>
    topics.includes(topic.replace('.', '.event.')) || topics.includes(topic.replace('.', '.telemetry.'))
  const named = Object.entries(firstFields).flatMap(([csc, lines]) =>
    lines.flat().map(text => ({ csc, text, ...parseFirstField(text) }))
  )
  return [
    ...Object.values(subsystems)
      .flat()
      .filter(csc => !Object.hasOwn(facts.components, csc)),
    ...Object.entries(firstTopics)
      .flatMap(([csc, list]) => list.map(topic => `${csc}.${topic}`))
      .filter(topic => !isShown(topic)),
    ...named
      .filter(({ csc, topic, field }) => !fields.includes(`${csc}.telemetry.${topic}.${field}`))
      .map(({ csc, text }) => `${csc}.${text}`)
  ]
}

function namesOf(facts: Facts) {
  const topics = Object.entries(facts.components).flatMap(([csc, row]) => {
    const named = (kind: string, rows: readonly TopicRow[]) =>
      rows.map(topic => ({ name: `${csc}.${kind}.${topic[0]}`, body: facts.bodies[topic[2]] ?? [] }))
    return [
      ...named('command', row.commands),
      ...named('event', row.events),
      ...named('telemetry', row.telemetry),
      ...named('ackcmd', [row.ackcmd])
    ]
  })
  const enumerations = Object.entries(facts.components).flatMap(([csc, row]) =>
    row.enumerations.map(number => `${csc}.${facts.enumerations[number]?.[0]}`)
  )
  return {
    topics: topics.map(topic => topic.name),
    fields: topics.flatMap(topic => topic.body.map(number => `${topic.name}.${facts.fields[number]?.[0]}`)),
    enumerations
  }
}
