import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../root.ts'
import { runTool } from '../run-tool.ts'

/** The version that is measured. */
const PINNED = '6.9.1'
const BUILD_TIMEOUT_MS = 480_000

const folder = join(root, 'node_modules/.cache/centrifugo', PINNED)
const binary = join(folder, 'centrifugo')

/** Builds it with the machine's Go where that has not been done; minutes. Throws where Go cannot. */
export async function centrifugoBinary(): Promise<string> {
  if (existsSync(binary)) return binary
  await mkdir(folder, { recursive: true })
  console.log(`Centrifugo ${PINNED} is built with Go; that takes minutes, once`)
  await runTool('go', ['install', `github.com/centrifugal/centrifugo/v6@v${PINNED}`], {
    timeoutMs: BUILD_TIMEOUT_MS,
    env: { ...process.env, GOBIN: folder, GOFLAGS: '-buildvcs=false' }
  })
  return binary
}

/** The reason why there is none; undefined where there is one. */
export const whyNoCentrifugo = (): Promise<string | undefined> =>
  centrifugoBinary().then(
    () => undefined,
    (error: Error) => error.message
  )

/**
 * Its configuration: everybody may subscribe; messages come from NATS as they are there, as they do for the
 * others; the rest as it comes.
 */
export const centrifugoConfig = (natsUrl: string, port: number): string =>
  JSON.stringify({
    http_server: { address: '127.0.0.1', port },
    log: { level: 'error' },
    usage_stats: { disabled: true },
    client: { allow_anonymous_connect_without_token: true },
    channel: {
      without_namespace: { allow_subscribe_for_client: true, allow_subscribe_for_anonymous: true }
    },
    broker: { enabled: true, type: 'nats', nats: { url: natsUrl, raw_mode: { enabled: true } } }
  })
