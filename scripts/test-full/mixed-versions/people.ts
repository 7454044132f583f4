import type { ServiceProcess } from '@meridian/testing'

const PASSWORD = 'correct horse battery'

/** What a log-in gives. */
export interface Session {
  /** Access token. */
  readonly token: string
  /** What the next one is asked for with. */
  readonly refresh: string
}

/** Asks an api, as whoever the token is of; rejects where the answer is no success. */
export async function ask<T>(at: string, path: string, token = '', body?: object): Promise<T> {
  const answer = await fetch(new URL(`/api/${path}`, at), {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== '' && { authorization: `Bearer ${token}` })
    },
    ...(body !== undefined && { body: JSON.stringify(body) })
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
  return JSON.parse(text === '' ? '{}' : text) as T
}

/** Logs in with the password that everybody has. */
export const logIn = (at: string, name: string): Promise<Session> =>
  ask(at, 'session', '', { name, password: PASSWORD, cookies: false })

/** Makes the first administrator and `ada`, an operator; gives a personal token of hers. */
export async function makePeople({ address, lines }: ServiceProcess): Promise<string> {
  const line = lines.find(text => text.includes('nobody may manage users')) ?? '{}'
  const first = { name: 'root', password: PASSWORD }
  await ask(address, 'users/first', '', { ...first, token: JSON.parse(line).token })
  const root = await logIn(address, 'root')
  await ask(address, 'users', root.token, { name: 'ada', password: PASSWORD, roles: ['operator'] })
  const ada = await logIn(address, 'ada')
  const scopes = ['read', 'command']
  return (await ask<{ token: string }>(address, 'tokens', ada.token, { name: 'watcher', scopes })).token
}
