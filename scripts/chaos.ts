/** `pnpm chaos`: a site on a cluster of three servers, one fault after the other, and a verdict on every client. */
import { InvalidArgumentError, Option } from 'commander'
import { faults } from './chaos/faults.ts'
import { runChaos } from './chaos/run-chaos.ts'
import { createCommand, refuse } from './command-line.ts'

const SHOWN = 20

const number = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('expected: a number of 0 or more')
  return value
}

interface Options {
  readonly seed: number
  readonly seconds: number
  readonly fault?: readonly string[]
  readonly freeze: number
}

const program = createCommand('pnpm chaos')
  .description(
    'Runs a producer, two gateways and a commander on a cluster of three nats-servers, harms them in turn, and ' +
      'judges what every client received by what was published. Exit code 1: a promise was broken.'
  )
  .option('--seed <n>', 'repeats the order and the victims of a run', number, Date.now() % 1_000_000)
  .option('--seconds <n>', 'no fault begins later than this', number, 600)
  .option('--freeze <s>', 'how long something stands still', number, 15)
  .addOption(new Option('--fault <name...>', 'only these faults').choices(Object.keys(faults)))
  .parse()

const { seed, seconds, fault, freeze } = program.opts<Options>()
const say = (line: string): void => void process.stdout.write(`${line}\n`)
say(`seed ${seed}: repeat with --seed ${seed}${fault === undefined ? '' : ` --fault ${fault.join(' ')}`}`)
try {
  const { wrong, ...counts } = await runChaos({
    ...{ seed, seconds, say, freezeMs: freeze * 1000 },
    ...(fault !== undefined && { only: fault })
  })
  say(
    Object.entries(counts)
      .map(([what, count]) => `${count} ${what}`)
      .join(', ')
  )
  for (const line of wrong.slice(0, SHOWN)) say(`WRONG ${line}`)
  if (wrong.length > SHOWN) say(`and ${wrong.length - SHOWN} more`)
  say(wrong.length === 0 ? 'every promise held' : `${wrong.length} promises broken (seed ${seed})`)
  process.exitCode = wrong.length === 0 ? 0 : 1
} catch (caught) {
  say(`ended by a failure (seed ${seed})`)
  refuse(caught)
}
