import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { readAvscTopics } from './avsc.ts'
import type { Problems } from './problems.ts'
import type { PrivateField } from './rev-code.ts'
import type { ComponentSource, TopicSource } from './sources.ts'
import { readSubsystems, type Subsystem } from './subsystems.ts'
import { readTopics, type TopicFile } from './topic-file.ts'
import { childrenOf, readXml } from './xml-file.ts'

/** Contents of an interface directory before the import rules are applied. */
export interface Interfaces {
  readonly components: readonly ComponentSource[]
  readonly privateFields: readonly PrivateField[]
}

/** Called with the name of each component as it is read and the number of components. */
export type Progress = (component: string, at: number, total: number) => void

const privateFieldsSchema = Type.Array(
  Type.Object({
    name: Type.String(),
    type: Type.String(),
    default: Type.Union([Type.Number(), Type.String()]),
    description: Type.String(),
    units: Type.String()
  }),
  { minItems: 1 }
)

/**
 * Reads an interface directory [docs/sal.md#interface-files]: faults go to `problems`, and the faulty parts
 * are left out.
 */
export function readInterfaces(directory: string, problems: Problems, progress?: Progress): Interfaces {
  const folder = join(directory, 'sal_interfaces')
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    problems.add({ code: 'CAT_NO_DIRECTORY', file: folder, element: '', message: 'no such directory' })
    return { components: [], privateFields: [] }
  }
  const generics = readGenerics(directory, problems)
  const subsystems = readSubsystems(directory, problems)
  unlistedFolders(folder, subsystems, problems)
  const components = subsystems.map((subsystem, at) => {
    progress?.(subsystem.name, at + 1, subsystems.length)
    return readComponent(directory, subsystem, generics, problems)
  })
  return { components, privateFields: readPrivateFields(directory, problems) }
}

function readGenerics(directory: string, problems: Problems): TopicFile {
  const xml = readXml(directory, 'sal_interfaces/SALGenerics.xml', problems)
  if (xml === undefined) return { topics: [], enumerations: [] }
  const sets = ['SALCommandSet', 'SALEventSet'].flatMap(tag => childrenOf(xml.root, tag))
  const files = sets.map(set => readTopics(xml, set, 'SALGeneric', problems))
  return {
    topics: files.flatMap(file => file.topics),
    enumerations: files.flatMap(file => file.enumerations)
  }
}

function unlistedFolders(folder: string, subsystems: readonly Subsystem[], problems: Problems): void {
  const listed = new Set(subsystems.map(({ name }) => name))
  if (listed.size === 0) return
  const folders = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory())
  for (const { name } of folders.filter(entry => !listed.has(entry.name)))
    problems.add({
      code: 'CAT_MISSING_ELEMENT',
      file: 'sal_interfaces/SALSubsystems.xml',
      element: name,
      message: 'there is a folder, but no SALSubsystem of this name'
    })
}

function readComponent(
  directory: string,
  subsystem: Subsystem,
  generics: TopicFile,
  problems: Problems
): ComponentSource {
  const { name } = subsystem
  const own = readOwnFiles(directory, name, problems)
  const avsc = readAvscTopics(directory, name, problems)
  const replaced = new Set(avsc.map(topic => topic.name))
  const kept = own
    .flatMap(file => file.topics)
    .filter(topic => topic.kind !== 'telemetry' || !replaced.has(topic.name))
  return {
    name,
    description: subsystem.description,
    indexed: subsystem.indexed,
    generics: subsystem.generics,
    genericTopics: genericTopics(subsystem, generics, problems),
    topics: withoutDuplicates([...kept, ...avsc], problems),
    enumerations: [...own.flatMap(file => file.enumerations), ...generics.enumerations]
  }
}

function readOwnFiles(directory: string, csc: string, problems: Problems): TopicFile[] {
  const folder = join('sal_interfaces', csc)
  if (!existsSync(join(directory, folder))) {
    problems.add({
      code: 'CAT_NO_DIRECTORY',
      file: folder,
      element: csc,
      message: 'this component has no folder'
    })
    return []
  }
  const files = ['Commands', 'Events', 'Telemetry'].map(set => join(folder, `${csc}_${set}.xml`))
  return files
    .filter(file => existsSync(join(directory, file)))
    .flatMap(file => {
      const xml = readXml(directory, file, problems)
      return xml === undefined ? [] : [readTopics(xml, xml.root, csc, problems)]
    })
}

function genericTopics(subsystem: Subsystem, generics: TopicFile, problems: Problems): TopicSource[] {
  const { place } = subsystem
  return subsystem.generics.flatMap(wanted => {
    const [, kind, name] = /^(command|logevent)_(\w+)$/.exec(wanted) ?? []
    const found = generics.topics.filter(topic =>
      name === undefined
        ? topic.category === wanted
        : topic.name === name && topic.kind === (kind === 'command' ? 'command' : 'event')
    )
    if (found.length === 0 && generics.topics.length > 0)
      problems.add({ ...place, code: 'CAT_UNKNOWN_GENERIC', message: `no generic '${wanted}'` })
    return found
  })
}

function withoutDuplicates(topics: readonly TopicSource[], problems: Problems): TopicSource[] {
  const seen = new Map<string, TopicSource>()
  for (const topic of topics) {
    const key = `${topic.kind} ${topic.name}`
    const first = seen.get(key)
    if (first === undefined) seen.set(key, topic)
    else
      problems.add({
        ...topic.place,
        code: 'CAT_DUPLICATE',
        message: `this topic stands at ${first.place.file}:${first.place.line ?? 1} already`
      })
  }
  return [...seen.values()]
}

function readPrivateFields(directory: string, problems: Problems): readonly PrivateField[] {
  const file = 'private_fields.json'
  try {
    const value: unknown = JSON.parse(readFileSync(join(directory, file), 'utf8'))
    if (Value.Check(privateFieldsSchema, value)) return value
    problems.add({ code: 'CAT_BAD_AVSC', file, element: '', message: 'not a list of private fields' })
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    problems.add({
      code: missing ? 'CAT_NO_FILE' : 'CAT_BAD_AVSC',
      file,
      element: '',
      message: missing ? 'no such file' : 'not JSON'
    })
  }
  return []
}
