import type { WireError } from '@meridian/errors'
import { createClient as createPlainClient, socketUrlOf } from './client.ts'
import { ClientError } from './client-error.ts'
import { unreachable } from './program-error.ts'
import type { Client, ClientOptions, ClientStatus } from './types.ts'

/** Options of a client that speaks for a user by his personal token. */
export interface ProgramOptions extends Omit<ClientOptions, 'token' | 'WebSocket'> {
  /** A personal token, `mrd_…`, that its user has made. */
  readonly personalToken: string
  /** Address of the api, such as `https://meridian.example.org`; default: the host of `url`. */
  readonly api?: string
}

/** An access token lives five minutes; a gateway asks for a newer one from 45 s before its end. */
const RENEW_EVERY_MS = 120_000
/** From one exchange that failed to the next, and from a connection that was refused to the next at least. */
const PAUSE_MS = 5_000

/**
 * A client for a program of Node that has a personal token: it is exchanged for access tokens for as long as the client is
 * connected, also where roles of its user were changed. It opens no connection before `connect()`. Rejects with a ClientError: AUT_TOKEN_ENDED or AUT_BAD_TOKEN where
 * the token is not taken, SDK_API_UNREACHABLE, SDK_BAD_URL. Where the token ends later the client is `closed` for good, with AUT_REVOKED or AUT_EXPIRED.
 */
export async function createClient({ personalToken, api, ...options }: ProgramOptions): Promise<Client> {
  const address = new URL('/api/session/token', api ?? socketUrlOf(options.url).replace(/^ws/, 'http'))
  const exchange = (): Promise<string> => exchanged(address, personalToken)
  let token = await exchange()
  const client = createPlainClient({
    ...options,
    // Read whenever a socket is opened.
    get token() {
      return token
    }
  })
  const renewal = keepRenewing(client, async () => {
    token = await exchange()
  })
  return {
    ...client,
    connect() {
      renewal.start()
      client.connect()
    },
    close() {
      renewal.stop()
      client.close()
    }
  }
}

/** Renews the token while the client is connected, and connects anew where a gateway took an old one for its end. */
function keepRenewing(client: Client, renew: () => Promise<void>): { start(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined
  let told: ClientStatus['error']

  function stop(): void {
    clearTimeout(timer)
    timer = undefined
  }

  function renewIn(ms: number, onRenewed: () => void = () => {}): void {
    clearTimeout(timer)
    timer = setTimeout(() => {
      renew().then(
        () => {
          if (timer === undefined) return
          onRenewed()
          renewIn(RENEW_EVERY_MS)
        },
        caught => {
          // What is refused for good ends with the access token that there is.
          if (timer !== undefined && caught instanceof ClientError && caught.canRetry)
            renewIn(PAUSE_MS, onRenewed)
        }
      )
    }, ms)
  }

  client.onStatus(({ state, error }) => {
    if (timer === undefined || state !== 'closed' || error === told) return
    told = error
    if (error?.code === 'AUT_REVOKED' || error?.code === 'AUT_EXPIRED') renewIn(PAUSE_MS, client.connect)
  })
  return { start: () => renewIn(RENEW_EVERY_MS), stop }
}

async function exchanged(address: URL, personalToken: string): Promise<string> {
  const answer = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: personalToken })
  }).catch((cause: unknown) => {
    throw unreachable(cause instanceof Error ? cause.message : 'unknown')
  })
  const body = (await answer.json().catch(() => ({}))) as { token?: string; error?: WireError }
  if (answer.ok && body.token !== undefined) return body.token
  throw body.error === undefined ? unreachable(`status ${answer.status}`) : new ClientError(body.error)
}
