import type { Facts, TopicRow } from '../facts.ts'
import type { Problems } from './problems.ts'
import { fits, type Rules } from './rules.ts'

/** Names every rule that fits nothing in the facts, so that a rule cannot outlive what it was for. */
export function checkRules(facts: Facts, { overrides, rates }: Rules, problems: Problems): void {
  const names = namesOf(facts)
  const unused = (file: string, element: string, message = 'fits nothing'): void =>
    problems.add({ code: 'CAT_BAD_RULE', file, element, message })
  for (const key of Object.keys(overrides.enumerations))
    if (!names.enumerations.has(key)) unused('overrides.yaml', key)
  for (const pattern of Object.keys(overrides.links))
    if (!names.fields.some(name => fits(pattern, name))) unused('overrides.yaml', pattern)
  for (const pattern of Object.keys(overrides.keys))
    if (!names.topics.some(name => fits(pattern, name))) unused('overrides.yaml', pattern)
  for (const [csc, { topics = {}, events = {}, instances = {} }] of Object.entries(rates.components)) {
    const wanted = [
      ...[...Object.keys(topics), ...Object.values(instances).flat()].map(name => `${csc}.telemetry.${name}`),
      ...Object.keys(events).map(name => `${csc}.event.${name}`)
    ]
    for (const topic of wanted) if (!names.topics.includes(topic)) unused('rates.yaml', topic)
    if (!Object.hasOwn(facts.components, csc)) unused('rates.yaml', csc)
  }
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
    enumerations: new Set(enumerations)
  }
}
