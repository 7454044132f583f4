/** `pnpm kafka`: obtains a real broker of Kafka for tests, or a registry of schemas, by Maven, into node_modules/.cache. */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@meridian/errors'
import { createCommand } from './command-line.ts'
import { root } from './root.ts'
import { runTool } from './run-tool.ts'

const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1'
const APICURIO = '2.6.13.Final'

const { release, registry } = createCommand('pnpm kafka')
  .description(
    'Obtains a broker of Kafka for tests, 44 MB, by Maven, where it is not there yet. It needs a JDK of 17 or later.'
  )
  .option('--release <version>', 'version of Kafka; 3.9.1 is the one that the summit runs', '4.3.1')
  .option('--registry', `instead a registry of schemas that is not our own: Apicurio ${APICURIO}, 142 MB`)
  .parse()
  .opts<{ readonly release: string; readonly registry?: true }>()

try {
  if (registry === true) await provide('Apicurio', APICURIO, obtainApicurio)
  else await provide('Kafka', release, obtainKafka)
} catch (error) {
  console.error(AppError.from(error).message)
  process.exitCode = 1
}

/** Half a folder is none: it gets its name when it is whole. */
async function provide(
  name: string,
  version: string,
  obtain: (folder: string) => Promise<void>
): Promise<void> {
  const folder = join(root, 'node_modules/.cache', name.toLowerCase(), version)
  if (existsSync(folder)) return console.log(`${name} ${version} is there: ${folder}`)
  console.log(`obtaining ${name} ${version}: ten seconds and more`)
  const part = `${folder}.part`
  rmSync(part, { recursive: true, force: true })
  await obtain(part)
  renameSync(part, folder)
  console.log(`${name} ${version}: ${folder}`)
}

async function obtainKafka(folder: string): Promise<void> {
  const pom = join(root, 'scripts/kafka/pom.xml')
  const copy = ['-f', pom, `${PLUGIN}:copy-dependencies`, `-DoutputDirectory=${folder}`]
  await runTool('mvn', ['-q', '-B', ...copy, `-Dkafka=${release}`])
}

async function obtainApicurio(folder: string): Promise<void> {
  const artifact = `io.apicurio:apicurio-registry-app:${APICURIO}:tar.gz:all`
  await runTool('mvn', [
    '-q',
    '-B',
    `${PLUGIN}:copy`,
    `-Dartifact=${artifact}`,
    `-DoutputDirectory=${folder}`
  ])
  for (const archive of readdirSync(folder).map(name => join(folder, name))) {
    await runTool('tar', ['-xzf', archive, '-C', folder])
    rmSync(archive)
  }
}
