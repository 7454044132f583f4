import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { meOf, openAccess } from '@meridian/auth'
import { catalogueJson, loadCatalogue, type Site, siteJson, toJson } from '@meridian/catalogue'
import type { CommandRequest } from '@meridian/protocol/live'
import { historyOf } from './history-of.ts'
import type { Observatory } from './observatory.ts'
import { commandList, commandRecord, eventList } from './records.ts'

const catalogue = loadCatalogue()
const dist = fileURLToPath(new URL('../../dist', import.meta.url))
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml'
}
/** As strict as a site may be: nothing inline, nothing evaluated. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"

/** What the door hands out. */
export interface DoorOptions {
  readonly observatory: Observatory
  readonly site: Site
  /** Answers a command that is asked for by HTTP. */
  command(request: CommandRequest): unknown
}

function valueAt(fields: Readonly<Record<string, unknown>>, query: URLSearchParams): number {
  const value = fields[query.get('field') ?? '']
  const index = query.get('index')
  return Number(index === null ? value : (value as unknown[] | undefined)?.[Number(index)])
}

function historyAnswer(observatory: Observatory, query: URLSearchParams): unknown {
  const topic = query.get('topic') ?? ''
  const all = observatory.history(topic).map(({ time, received, fields }) => ({
    source: time,
    received,
    value: valueAt(fields, query)
  }))
  const [from, to] = [Number(query.get('from')), Number(query.get('to'))]
  return historyOf(all, { topic, field: query.get('field') ?? '', from, to })
}

/** What a page is told of itself where everybody has a role. */
export const meIn = (site: Site, role: string) => meOf(openAccess({ OPEN_ROLE: role }, site).principal, site)

const notFound = (what: string) => ({
  status: 404,
  body: { error: { code: 'API_UNKNOWN_COMPONENT', message: `unknown ${what}`, canRetry: false } }
})

function commandAnswer(observatory: Observatory, path: string): { status: number; body: unknown } {
  const body = commandRecord(observatory, path.replace('/api/commands/', ''))
  const error = { code: 'CMD_NOT_FOUND', message: 'no command with this id is recorded', canRetry: false }
  return body === undefined ? { status: 404, body: { error } } : { status: 200, body }
}

function eventAnswer(observatory: Observatory, query: URLSearchParams): { status: number; body: unknown } {
  const body = eventList(observatory, query)
  const error = { code: 'API_BAD_TOPIC', message: 'asked for apart', canRetry: false }
  return body === undefined ? { status: 400, body: { error } } : { status: 200, body }
}

function answer(options: DoorOptions, url: URL): { status: number; body: unknown } {
  const path = url.pathname
  if (path === '/api/site') return { status: 200, body: siteJson(options.site, catalogue) }
  if (path === '/api/me') return { status: 200, body: meIn(options.site, 'operator') }
  if (path === '/api/catalogue') return { status: 200, body: catalogueJson(catalogue) }
  if (path === '/api/history')
    return { status: 200, body: historyAnswer(options.observatory, url.searchParams) }
  if (path === '/api/events') return eventAnswer(options.observatory, url.searchParams)
  if (path === '/api/commands')
    return { status: 200, body: commandList(options.observatory, url.searchParams) }
  if (path.startsWith('/api/commands/')) return commandAnswer(options.observatory, path)
  const component = catalogue.component(path.replace('/api/catalogue/', ''))
  return component === undefined ? notFound(path) : { status: 200, body: toJson(component, options.site) }
}

async function handOut(path: string, response: ServerResponse): Promise<void> {
  const file = join(dist, path === '/' ? 'index.html' : path)
  const bytes = await readFile(file).catch(() => undefined)
  const type = TYPES[extname(file)] ?? 'application/octet-stream'
  response.writeHead(bytes === undefined ? 404 : 200, {
    'content-type': type,
    'content-security-policy': POLICY
  })
  response.end(bytes)
}

async function takeCommand(options: DoorOptions, request: IncomingMessage) {
  const answer = options.command(JSON.parse(await text(request)) as CommandRequest) as {
    readonly accepted?: object
    readonly error?: object
  }
  return answer.accepted === undefined
    ? { status: 409, body: { error: answer.error } }
    : { status: 202, body: answer.accepted }
}

/** The HTTP side of the one origin: the built page under a strict policy, and the api's answers. */
export function createHttpDoor(options: DoorOptions): Server {
  return createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://console.test')
    if (!url.pathname.startsWith('/api/')) return void handOut(url.pathname, response)
    const { status, body } =
      request.method === 'POST' ? await takeCommand(options, request) : answer(options, url)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })
}
