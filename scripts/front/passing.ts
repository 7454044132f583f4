import { Agent, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import { connect } from 'node:net'
import { AppError } from '@meridian/errors'
import { endWithError, type HostCheck, isBeforeBody } from '@meridian/service'
import { createProxyServer, type ProxyServer } from 'httpxy'
import { asksToClose, dropPerConnection, setForwarded } from './forwarded.ts'
import { isWebSocket, serveWithoutUpgrade } from './plain-request.ts'
import { answerError, lost, refusalOf } from './refusal.ts'
import { type Route, routeOf } from './routes.ts'
import { type Balancer, createBalancer, type Target } from './targets.ts'
import { passUpgrade, type Upgrade } from './upgrade.ts'
import { type Gateways, isForPage, waitingPage } from './waiting-page.ts'

/** Where requests go, and which hosts they may name. */
export interface PassingOptions {
  readonly routes: readonly Route[]
  readonly isOurs: HostCheck
}

/** What passes requests on to the services behind. */
export interface Passing {
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>
  upgrade(upgrade: Upgrade): Promise<void>
}

/** Requests that hang take no turns away from others: connections to a service are as many as requests. */
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 64 })

/** A probe of the process, which says nothing of the site. */
export const LIVE_PATH = '/front/livez'
const UPGRADE_REQUIRED = 426

/** Answers a request for LIVE_PATH. */
export const serveLive = (response: ServerResponse): void => void response.end('{"live":true}')

/** Passes on what comes to `server`; what it refuses is answered with a code. */
export function createPassing({ routes, isOurs }: PassingOptions, server: Server | HttpsServer): Passing {
  const proxy = createProxyServer({ agent })
  tidyAnswers(proxy)
  const balancers = new Map(routes.map(route => [route.prefix, createBalancer(route.targets)]))
  const balancerOf = (url: string): Balancer | undefined => balancers.get(routeOf(routes, url)?.prefix ?? '')

  /** Says in words or in JSON why a request is not served. */
  async function refuse(request: IncomingMessage, response: ServerResponse, error: AppError): Promise<void> {
    const isPage = isForPage(request) && error.entry.canRetry
    const page = isPage ? waitingPage(error, await gatewaysOf(balancers.get('/live'))) : undefined
    answerError(request, response, { error, page })
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === LIVE_PATH) return void serveLive(response)
    const balancer = balancerOf(request.url ?? '/')
    const target = refusalOf(request, isOurs) ?? (await reachable(balancer))
    if (target instanceof AppError) return refuse(request, response, target)
    target.open++
    response.once('close', () => {
      target.open--
      // Whoever says when to come back has no room now: meanwhile others are asked. 429 speaks of the client alone.
      if (response.hasHeader('retry-after') && response.statusCode !== 429) balancer?.failed(target)
    })
    // In this order: a client may name what the front says as its own connection's.
    dropPerConnection(request.headers)
    setForwarded(request)
    await proxy
      .web(request, response, { target: target.url })
      .catch((cause: unknown) => refuse(request, response, lost(cause)))
  }

  async function upgrade(upgrade: Upgrade): Promise<void> {
    const { request, socket } = upgrade
    if (!isWebSocket(request)) return serveWithoutUpgrade(server, upgrade)
    const refusal = refusalOf(request, isOurs)
    if (refusal !== undefined) return endWithError(socket, refusal)
    setForwarded(request)
    await passToSome(balancerOf(request.url ?? '/'), upgrade).catch((cause: unknown) =>
      endWithError(socket, lost(cause))
    )
  }

  return { serve, upgrade }
}

/** What concerns one connection alone does not pass, in answers too. */
function tidyAnswers(proxy: ProxyServer): void {
  proxy.on('proxyRes', ({ headers, statusCode }, request, response) => {
    const { upgrade } = headers
    dropPerConnection(headers)
    // It says what is required, and is no upgrade by itself (RFC 9110, 15.5.22).
    if (statusCode === UPGRADE_REQUIRED && upgrade !== undefined) headers.upgrade = upgrade
    if (isBeforeBody(request, response as ServerResponse)) headers.connection = 'keep-alive'
    else if (asksToClose(request)) headers.connection = 'close'
  })
}

/**
 * The first target that takes a TCP connection; those that do not are rested a second. One that is only slow to
 * take it, as under a burst of requests, is still asked where no other is there.
 */
async function reachable(balancer: Balancer | undefined): Promise<Target | AppError> {
  let slow: Target | undefined
  for (const target of balancer?.order() ?? []) {
    const answer = await probe(new URL(target.url))
    if (answer === 'taken') return target
    if (answer === 'slow') slow ??= target
    balancer?.failed(target)
  }
  const detail = 'the service behind this path does not answer'
  return slow ?? new AppError('BRK_NO_RESPONDERS', { detail })
}

/** A gateway that is full or going refuses: the next one is asked, and the answer of the last is passed on. */
async function passToSome(balancer: Balancer | undefined, upgrade: Upgrade): Promise<void> {
  const { socket } = upgrade
  const refused = new Set<Target>()
  for (;;) {
    const target = await reachable(balancer)
    if (target instanceof AppError) return endWithError(socket, target)
    target.open++
    const leave = (): void => void target.open--
    socket.once('close', leave)
    if ((await passUpgrade(target.url, upgrade, refused.has(target))) === 'passed') return
    socket.off('close', leave)
    leave()
    refused.add(target)
    balancer?.failed(target)
  }
}

function probe({ hostname, port }: URL): Promise<'taken' | 'refused' | 'slow'> {
  return new Promise(resolve => {
    const socket = connect({ host: hostname, port: Number(port), timeout: 1000 })
    const done = (answer: 'taken' | 'refused' | 'slow'): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => done('taken'))
    socket.once('error', () => done('refused'))
    socket.once('timeout', () => done('slow'))
  })
}

async function gatewaysOf(balancer: Balancer | undefined): Promise<Gateways> {
  if (balancer === undefined) return 'none'
  return (await reachable(balancer)) instanceof AppError ? 'silent' : 'answer'
}
