import { writeFileSync } from 'node:fs'
import { loadCatalogue, shippedFacts, type TopicName, topicNamesOf, typesOf } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { createCommand, refuse } from './command-line.ts'
import { typesBySubject } from './types/types-by-subject.ts'

interface TypesFlags {
  readonly facts: string
  readonly out?: string
}

function writeTypes(wanted: readonly string[], { facts, out }: TypesFlags): void {
  const catalogue = loadCatalogue({ file: facts })
  const all = catalogue.components.flatMap(csc => topicNamesOf(catalogue.component(csc) ?? fail(csc)))
  const names = [...new Set(wanted.flatMap(one => namesUnder(all, one)))]
  const text = `${typesOf(catalogue, names)}\n\n${typesBySubject(catalogue, names)}\n`
  if (out === undefined) process.stdout.write(text)
  else {
    writeFileSync(out, text)
    console.log(`wrote ${out}: ${names.length} topics and commands`)
  }
}

function namesUnder(all: readonly TopicName[], wanted: string): readonly TopicName[] {
  const found = all.filter(({ csc, kind, name }) => wanted === csc || wanted === `${csc}.${kind}.${name}`)
  return found.length > 0 ? found : fail(wanted)
}

function fail(name: string): never {
  throw new AppError('CAT_UNKNOWN', { detail: `'${name}'`, name })
}

try {
  createCommand('types')
    .description('Writes TypeScript types of topics and commands, and which subjects have them, for the SDK.')
    .argument(
      '<topics...>',
      'MTMount for a whole component, or MTMount.telemetry.azimuth (command, event, telemetry)'
    )
    .option('--out <file>', 'write to this file, such as topics.ts; without it they are printed')
    .option('--facts <file>', 'facts of the catalogue to read', shippedFacts)
    .action(writeTypes)
    .parse()
} catch (error) {
  refuse(error)
}
