/** `pnpm nats-context`: a context by which the nats tool reads from a running system, to look only. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { createCommand, refuse } from './command-line.ts'
import { fileOfContext, natsFolderOf } from './nats-context/place-of-context.ts'
import { natsContextOf } from './start/nats-context.ts'
import { writePrivateFile } from './start/private-files.ts'
import { brokerOf } from './tail/broker-of.ts'

interface Options {
  readonly data: string
  readonly name?: string
  readonly to?: string
  readonly print?: true
}

const { data, name, to, print } = createCommand('pnpm nats-context')
  .description(
    'Writes a context of the nats tool for a running system: its address, and where it asks for keys that of the observer, who may only look.'
  )
  .option('--data <dir>', 'data folder of the system', '.meridian')
  .option('--name <name>', 'name of the context; default: meridian-<site>')
  .option('--to <dir>', "folder to write it into; default: the nats tool's own")
  .option('--print', 'print it instead of writing it')
  .parse()
  .opts<Options>()

try {
  const { site, ...place } = brokerOf({ data })
  const text = natsContextOf(place)
  if (print) process.stdout.write(text)
  else write(name ?? `meridian-${site ?? 'site'}`, text)
} catch (caught) {
  refuse(caught)
}

function write(context: string, text: string): void {
  const folder = to ?? natsFolderOf(process.env)
  const file = fileOfContext(folder, context)
  mkdirSync(dirname(file), { recursive: true })
  writePrivateFile(file, text)
  const use =
    to === undefined ? `nats --context ${context} stream report` : `NATS_CONTEXT=${file} nats stream report`
  process.stdout.write(`${file}\nTry: ${use}\n`)
}
