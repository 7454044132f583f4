import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A registry of schemas for tests: the calls that SAL's clients make, all kept in memory. */
export interface TestRegistry {
  readonly url: string
  /** Requests so far, as `GET /schemas/ids/1`. */
  readonly asked: readonly string[]
  /** Answers every request in this way until it is called with undefined. */
  answerWith(answer: ((response: ServerResponse) => void) | undefined): void
  stop(): Promise<void>
}

/** What a test registry asks of who asks it. */
export interface TestRegistryOptions {
  /** Path before its own. */
  readonly prefix?: string
  readonly user?: string
  readonly password?: string
}

interface Kept {
  readonly texts: string[]
  readonly subjects: Map<string, number[]>
}

/**
 * Starts a registry of schemas in this process, empty, on a free port of loopback; whoever calls stops it.
 */
export async function startRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const kept: Kept = { texts: [], subjects: new Map() }
  const asked: string[] = []
  let instead: ((response: ServerResponse) => void) | undefined
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (instead !== undefined) return instead(response)
    void answer(kept, options, request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${options.prefix ?? ''}`,
    asked,
    answerWith(answer) {
      instead = answer
    },
    async stop() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    }
  }
}

async function answer(
  kept: Kept,
  { prefix = '', user, password }: TestRegistryOptions,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  if (user !== undefined && request.headers.authorization !== wanted)
    return say(response, 401, { error_code: 401, message: 'Unauthorized' })
  const path = request.url?.split('?')[0] ?? ''
  const [, first, second = '', third] = (path.startsWith(prefix) ? path.slice(prefix.length) : '').split('/')
  if (first === 'schemas') return sayText(response, kept.texts[Number(third) - 1])
  if (first !== 'subjects') return say(response, 404, { error_code: 404, message: 'Not Found' })
  const subject = decodeURIComponent(second)
  if (request.method === 'POST')
    return say(response, 200, { id: register(kept, subject, await bodyOf(request)) })
  sayLatest(kept, subject, response)
}

function sayLatest({ texts, subjects }: Kept, subject: string, response: ServerResponse): void {
  const ids = subjects.get(subject) ?? []
  const id = ids.at(-1)
  if (id === undefined) say(response, 404, { error_code: 40401, message: `Subject '${subject}' not found.` })
  else say(response, 200, { subject, id, version: ids.length, schema: texts[id - 1] })
}

/** The same text has the same number under every subject. */
function register({ texts, subjects }: Kept, subject: string, body: string): number {
  const { schema } = JSON.parse(body) as { schema: string }
  const known = texts.indexOf(schema)
  const id = known < 0 ? texts.push(schema) : known + 1
  const ids = subjects.get(subject) ?? []
  if (!ids.includes(id)) subjects.set(subject, [...ids, id])
  return id
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

const sayText = (response: ServerResponse, schema: string | undefined): void =>
  schema === undefined
    ? say(response, 404, { error_code: 40403, message: 'Schema not found' })
    : say(response, 200, { schema })

function say(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' })
  response.end(JSON.stringify(body))
}
