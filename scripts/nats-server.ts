/** `pnpm bootstrap`: obtains nats-server before anything is built, so it imports nothing that needs a build. */
import { obtainNatsServer } from './nats-server/obtain.ts'
import { atLeast, LEAST } from './nats-server/version.ts'

try {
  const { version, source, path, skipped } = await obtainNatsServer(line => console.log(line))
  const why = skipped.length === 0 ? '' : ` (${skipped.join('; ')})`
  console.log(`nats-server ${version} from ${source}${why}`)
  if (!atLeast(version, LEAST))
    console.warn(
      `warning: ${path} is older than ${LEAST}, the least that production accepts: for development only`
    )
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
