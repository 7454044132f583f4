import { join } from 'node:path'
import { runTool } from '../run-tool.ts'
import { atLeast, PINNED } from './version.ts'

/** The Go version that nats-server 2.15 asks for in its go.mod. */
const LEAST_GO = '1.26.0'

/**
 * Builds the pinned version with the machine's Go into `folder`; half a minute. Says at once when Go is
 * missing or too old.
 */
export async function buildWithGo(folder: string): Promise<string> {
  const version =
    /go(\d+\.\d+(?:\.\d+)?)/.exec(await runTool('go', ['version'], { timeoutMs: 5000 }))?.[1] ?? '0.0'
  if (!atLeast(version, LEAST_GO)) {
    const toolchain = (await runTool('go', ['env', 'GOTOOLCHAIN'], { timeoutMs: 5000 })).trim()
    if (toolchain === 'local')
      throw new Error(`Go ${version} is older than ${LEAST_GO} and may not fetch a newer one`)
  }
  await runTool('go', ['install', `github.com/nats-io/nats-server/v2@v${PINNED}`], {
    timeoutMs: 240_000,
    env: { ...process.env, GOBIN: folder, GOFLAGS: '-buildvcs=false' }
  })
  return join(folder, 'nats-server')
}
