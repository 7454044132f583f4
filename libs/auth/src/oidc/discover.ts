import { readFileSync } from 'node:fs'
import { AppError } from '@meridian/errors'
import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  clockTolerance,
  discovery,
  enableNonRepudiationChecks
} from 'openid-client'
import { CLOCK_SKEW_S } from '../tokens/token-rules.ts'
import type { OidcOptions } from './oidc-settings.ts'

const TIMEOUT_S = 5

/** Asks the provider where its endpoints are; rejects with what openid-client throws, after five seconds at most. */
export async function discover(options: OidcOptions): Promise<Configuration> {
  const { issuer, clientId } = options
  const isPlain = issuer.protocol === 'http:'
  return discovery(issuer, clientId, { [clockTolerance]: CLOCK_SKEW_S }, clientAuthOf(options), {
    timeout: TIMEOUT_S,
    // ID tokens are checked by their signature, too, though they come from the provider itself.
    execute: [enableNonRepudiationChecks, ...(isPlain ? [allowInsecureRequests] : [])]
  })
}

/** Proves at the token endpoint which site asks, in the way that the provider takes; the file is read each time, so that its secret may be changed. */
const clientAuthOf =
  ({ clientSecretFile }: OidcOptions): ClientAuth =>
  (server, client, body, headers) => {
    const { token_endpoint_auth_methods_supported: methods = ['client_secret_basic'] } = server
    const way = methods.includes('client_secret_basic') ? ClientSecretBasic : ClientSecretPost
    way(readSecret(clientSecretFile))(server, client, body, headers)
  }

function readSecret(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    throw new AppError('AUT_BAD_PROVIDER', { detail: 'the secret of this site cannot be read' })
  }
}
