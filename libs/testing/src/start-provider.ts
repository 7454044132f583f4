/// <reference path="./oidc-provider.d.ts" />
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeJwt, importJWK, type JWK, SignJWT } from 'jose'
import Provider from 'oidc-provider'

/** Somebody whom a provider knows: his claims, besides `sub`. */
export type ProviderPerson = Readonly<Record<string, unknown>>

/** How a provider of a test is set up. */
export interface TestProviderOptions {
  /** The port to listen on; default: a free one. */
  readonly port?: number
  /** People by their `sub`, with which they log in on the provider's page. */
  readonly people: Readonly<Record<string, ProviderPerson>>
  /** Where the client may be sent back to, and after a log-out. */
  readonly redirectUrls: readonly string[]
  readonly afterLogOutUrls?: readonly string[]
  /** Whether the claims of people are told by the userinfo endpoint alone; default: in the ID token too. */
  readonly userinfoOnly?: boolean
}

/** An OpenID provider with one client, on loopback: the package `oidc-provider`, with a page that asks for a name alone. */
export interface TestProvider {
  readonly issuer: string
  readonly port: number
  readonly clientId: string
  readonly clientSecret: string
  /** Requests so far, as `GET /jwks`. */
  readonly requests: readonly string[]
  /** From now on ID tokens are signed with another key, and the one before is known no more. */
  rotateKeys(): void
  /** From now on each ID token is what this makes of it; undefined: as it is. */
  tamper(change: ((idToken: string) => string | Promise<string>) | undefined): void
  /** An ID token with other claims, signed by the provider's key. */
  signAgain(idToken: string, claims: Readonly<Record<string, unknown>>): Promise<string>
  stop(): Promise<void>
}

const CLIENT = { clientId: 'meridian', clientSecret: 'a-secret-of-the-client-of-32-letters' }
const SCOPES = 'openid profile groups'

interface State {
  key: JWK
  tamper: ((idToken: string) => string | Promise<string>) | undefined
  provider: Provider
}

/** Starts a provider; it serves when this resolves. */
export async function startOidcProvider(options: TestProviderOptions): Promise<TestProvider> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url?.split('?')[0]}`)
    if (request.url?.startsWith('/interaction/')) void interact(state.provider, request, response)
    else state.provider.callback()(request, response)
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const issuer = `http://127.0.0.1:${port}`
  const state = {} as State
  const rotateKeys = (): void => {
    state.key = newKey()
    state.provider = providerOf(issuer, options, state)
  }
  rotateKeys()
  return {
    ...{ issuer, port, requests, ...CLIENT, rotateKeys },
    tamper(change) {
      state.tamper = change
    },
    async signAgain(idToken, claims) {
      const { key } = state
      const header = { alg: 'RS256', typ: 'JWT', kid: String(key.kid) }
      const all = { ...decodeJwt(idToken), ...claims }
      return new SignJWT(all).setProtectedHeader(header).sign(await importJWK(key, 'RS256'))
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}

function newKey(): JWK {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'RS256', use: 'sig' } as JWK
}

function providerOf(issuer: string, options: TestProviderOptions, state: State): Provider {
  const provider = new Provider(issuer, {
    clients: [
      {
        ...{ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret },
        redirect_uris: options.redirectUrls,
        post_logout_redirect_uris: options.afterLogOutUrls ?? [],
        ...{ grant_types: ['authorization_code'], response_types: ['code'] }
      }
    ],
    jwks: { keys: [state.key] },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      Grant: 600,
      IdToken: 600,
      Interaction: 600,
      Session: 600
    },
    cookies: { keys: [randomUUID()] },
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], groups: ['groups'] },
    scopes: SCOPES.split(' '),
    conformIdTokenClaims: options.userinfoOnly === true,
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: true, logoutSource: askWhetherToLeave }
    },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_context: unknown, sub: string) =>
      options.people[sub] && { accountId: sub, claims: async () => ({ sub, ...options.people[sub] }) },
    renderError: (context: { body: unknown }, out: object) => {
      context.body = JSON.stringify(out)
    }
  })
  provider.use(async (context, next) => {
    await next()
    const { body } = context as { body: { id_token?: string } | undefined }
    if (context.oidc?.route !== 'token' || body?.id_token === undefined || state.tamper === undefined) return
    context.body = { ...body, id_token: await state.tamper(body.id_token) }
  })
  return provider
}

/** The page of a log-out, with the form that the library gives. */
async function askWhetherToLeave(context: { body: unknown }, form: string): Promise<void> {
  context.body = `<!doctype html><html lang="en"><title>Log out</title>${form}
<button form="op.logoutForm" name="logout" value="yes">Yes</button></html>`
}

/** The page of the provider, and what it sends: a name, or that somebody would rather not. */
async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  const { uid, params } = await provider.interactionDetails(request, response)
  if (request.method !== 'POST') {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end(pageOf(uid))
    return
  }
  const accountId = (await formOf(request)).get('login') ?? ''
  if (accountId === '') return provider.interactionFinished(request, response, { error: 'access_denied' })
  const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) })
  grant.addOIDCScope(SCOPES)
  const consent = { grantId: await grant.save() }
  return provider.interactionFinished(request, response, { login: { accountId }, consent })
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const part of request) text += String(part)
  return new URLSearchParams(text)
}

const pageOf = (uid: string): string => `<!doctype html><html lang="en"><title>Provider</title>
<form method="post" action="/interaction/${uid}"><input name="login" aria-label="Login"><button>Go on</button></form></html>`

/**
 * Logs in at the provider's page as a browser does, from the address that the client was sent to; an empty name refuses.
 * Resolves with the address that the provider sends back to.
 */
export async function passProvider(provider: TestProvider, at: string, login: string): Promise<URL> {
  const cookies = new Map<string, string>()
  const ask = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      cookies.set(name, value)
    }
    return response
  }
  let url = new URL(at)
  for (let step = 0; step < 10; step++) {
    if (url.origin !== provider.issuer) return url
    const isPage = url.pathname.startsWith('/interaction/')
    const form = { method: 'POST', body: new URLSearchParams({ login }) }
    const response = await ask(url.href, isPage ? form : {})
    const location = response.headers.get('location')
    if (location === null) throw new Error(`${url.pathname}: ${response.status} ${await response.text()}`)
    url = new URL(location, url)
  }
  throw new Error('the provider goes on and on')
}
