/** `pnpm kafka`: obtains a real broker of Kafka, or a registry of schemas, by Maven, into node_modules/.cache. */
import { AppError } from '@meridian/errors'
import { createCommand } from './command-line.ts'
import { APICURIO, obtainApicurio, obtainKafka } from './kafka/obtain.ts'

const { release, registry } = createCommand('pnpm kafka')
  .description(
    'Obtains a broker of Kafka for tests and npm start -- --sal-kafka, 44 MB, by Maven, where it is not there yet. It needs a JDK of 17 or later.'
  )
  .option('--release <version>', 'version of Kafka; 3.9.1 is the one that the summit runs', '4.3.1')
  .option('--registry', `instead a registry of schemas that is not our own: Apicurio ${APICURIO}, 142 MB`)
  .parse()
  .opts<{ readonly release: string; readonly registry?: true }>()

try {
  console.log(registry === true ? await obtainApicurio(console.log) : await obtainKafka(release, console.log))
} catch (error) {
  console.error(AppError.from(error).message)
  process.exitCode = 1
}
