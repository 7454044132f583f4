import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../root.ts'
import { runTool } from '../run-tool.ts'

/** The version of Apicurio that tests run. */
export const APICURIO = '2.6.13.Final'

const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1'

/** Is told what takes long. */
type Say = (line: string) => void

/**
 * Obtains the jars of Kafka by Maven, 44 MB, where they are not there yet, and gives their folder. Rejects with
 * RUN_TOOL_FAILED.
 */
export const obtainKafka = (release: string, say: Say): Promise<string> =>
  provide(`kafka/${release}`, say, async folder => {
    const pom = join(root, 'scripts/kafka/pom.xml')
    await maven('-f', pom, `${PLUGIN}:copy-dependencies`, `-DoutputDirectory=${folder}`, `-Dkafka=${release}`)
  })

/** The same of a registry of schemas, 142 MB. */
export const obtainApicurio = (say: Say): Promise<string> =>
  provide(`apicurio/${APICURIO}`, say, async folder => {
    const artifact = `io.apicurio:apicurio-registry-app:${APICURIO}:tar.gz:all`
    await maven(`${PLUGIN}:copy`, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`)
    for (const archive of readdirSync(folder).map(name => join(folder, name))) {
      await runTool('tar', ['-xzf', archive, '-C', folder])
      rmSync(archive)
    }
  })

/** Half a folder is none: it gets its name when it is whole. */
async function provide(name: string, say: Say, obtain: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(root, 'node_modules/.cache', name)
  if (existsSync(folder)) return folder
  say(`obtaining ${name} by Maven: ten seconds and more`)
  const part = `${folder}.part`
  rmSync(part, { recursive: true, force: true })
  await obtain(part)
  renameSync(part, folder)
  return folder
}

const maven = (...args: string[]): Promise<string> => runTool('mvn', ['-q', '-B', ...args])
