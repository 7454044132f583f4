/** `pnpm kafka`: obtains a real broker of Kafka for tests, by Maven, into node_modules/.cache/kafka. */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@meridian/errors'
import { createCommand } from './command-line.ts'
import { root } from './root.ts'
import { runTool } from './run-tool.ts'

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'

const { release } = createCommand('pnpm kafka')
  .description(
    'Obtains a broker of Kafka for tests, 44 MB, by Maven, where it is not there yet. It needs a JDK of 17 or later.'
  )
  .option('--release <version>', 'version of Kafka; 3.9.1 is the one that the summit runs', '4.3.1')
  .parse()
  .opts<{ readonly release: string }>()

const folder = join(root, 'node_modules/.cache/kafka', release)
try {
  if (existsSync(folder)) console.log(`Kafka ${release} is there: ${folder}`)
  else await obtain()
} catch (error) {
  console.error(AppError.from(error).message)
  process.exitCode = 1
}

/** Half a folder is none: it gets its name when it is whole. */
async function obtain(): Promise<void> {
  console.log(`obtaining Kafka ${release}: ten seconds and more`)
  const part = `${folder}.part`
  rmSync(part, { recursive: true, force: true })
  const pom = join(root, 'scripts/kafka/pom.xml')
  await runTool('mvn', ['-q', '-B', '-f', pom, COPY, `-DoutputDirectory=${part}`, `-Dkafka=${release}`])
  renameSync(part, folder)
  console.log(`Kafka ${release}: ${folder}`)
}
