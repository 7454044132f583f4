import { type Catalogue, type Component, type Topic, type TopicName, typeNameOf } from '@meridian/catalogue'
import { patternOf } from '@meridian/subjects'

/**
 * Declarations that `TypedClient` of the SDK is made with: `Topics`, the type of a topic's fields by the subjects
 * and patterns that name it, and `Commands`, those of parameters by component and command. The types they name are
 * printed by `typesOf`.
 */
export function typesBySubject(catalogue: Catalogue, names: readonly TopicName[]): string {
  const isCommand = ({ kind }: TopicName): boolean => kind === 'command'
  const topics = names.filter(name => !isCommand(name)).flatMap(name => subjectLines(catalogue, name))
  const commands = groupByComponent(names.filter(isCommand))
  return [
    interfaceText('Fields of topics by their subjects.', 'Topics', topics),
    interfaceText(
      'Parameters of commands by component and command.',
      'Commands',
      [...commands].map(([csc, list]) => `  readonly ${csc}: {\n${list.map(commandLine).join('\n')}\n  }`)
    )
  ].join('\n\n')
}

const interfaceText = (doc: string, name: string, lines: readonly string[]): string =>
  lines.length === 0
    ? `/** ${doc} */\nexport type ${name} = Record<never, never>`
    : `/** ${doc} */\nexport interface ${name} {\n${lines.join('\n')}\n}`

const commandLine = (name: TopicName): string => `    readonly ${name.name}: ${typeNameOf(name)}`

function subjectLines(catalogue: Catalogue, name: TopicName): readonly string[] {
  const component = catalogue.component(name.csc)
  const topic = component && topicOf(component, name)
  if (topic === undefined) return []
  return patternsOf(name, topic).map(
    // A site or an index may be a wildcard of the pattern, too.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what the written file says
    pattern => `  readonly [subject: \`${pattern.replaceAll('*', '${string}')}\`]: ${typeNameOf(name)}`
  )
}

const topicOf = (component: Component, { kind, name }: TopicName): Topic | undefined =>
  kind === 'telemetry' ? component.telemetry.get(name) : component.events.get(name)

function patternsOf(
  { csc, kind, name }: TopicName,
  { keyFields, scriptIndexField }: Topic
): readonly string[] {
  // What a Script says, and what its queue says of it, is published by run.
  if ((csc === 'Script' && kind === 'event') || scriptIndexField !== undefined)
    return [patternOf('script', { topic: name })]
  const pattern = patternOf(kind === 'telemetry' ? 'tel' : 'evt', { csc, topic: name })
  // The pattern of a keyed topic stands for its keyed children; each may be named as well.
  return keyFields.length === 0 ? [pattern] : [pattern, `${pattern}.*`]
}

function groupByComponent(names: readonly TopicName[]): ReadonlyMap<string, readonly TopicName[]> {
  const groups = new Map<string, TopicName[]>()
  for (const name of names) groups.set(name.csc, [...(groups.get(name.csc) ?? []), name])
  return groups
}
