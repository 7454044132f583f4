import type { ServiceProcess } from '@meridian/testing'
import { PASSWORD } from '../keyed-site/facts.ts'

/** Doors at which everybody logs in. */
export interface Doors {
  readonly api: ServiceProcess
  readonly gateway: ServiceProcess
}

/**
 * Makes the first administrator and a second user, who logs in, goes on with a new token, looks, commands, makes
 * and revokes a token for a program, logs out and is removed. Gives the status of each step, in order, and the state at which the command ended.
 */
export async function useDoors({ api, gateway }: Doors, command: object): Promise<readonly unknown[]> {
  const told: unknown[] = []
  let bearer = ''
  const ask = async (method: string, path: string, body?: object): Promise<Record<string, string>> => {
    const answer = await fetch(`${api.address}/api/${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(bearer !== '' && { authorization: `Bearer ${bearer}` })
      },
      ...(body !== undefined && { body: JSON.stringify(body) })
    })
    told.push(`${method} ${path}: ${answer.status}`)
    const text = await answer.text()
    return text === '' ? {} : JSON.parse(text)
  }
  const logIn = async (name: string): Promise<string> => {
    const { token = '', refresh = '' } = await ask('POST', 'session', {
      name,
      password: PASSWORD,
      cookies: false
    })
    bearer = token
    return refresh
  }

  const line = api.lines.find(text => text.includes('nobody may manage users')) ?? '{}'
  await ask('POST', 'users/first', { token: JSON.parse(line).token, name: 'root', password: PASSWORD })
  await logIn('root')
  const root = bearer
  await ask('POST', 'users', { name: 'ada', password: PASSWORD, roles: ['operator'] })
  bearer = ''
  const refresh = await logIn('ada')
  bearer = (await ask('POST', 'session/refresh', { refresh }))['token'] ?? ''
  const { state, id = '' } = await ask('POST', 'commands', command)
  const done = await ask('GET', `commands/${id}?wait=30`)
  told.push(state, done['state'])
  const live = await fetch(`${gateway.address}/live/events?topics=evt.>`, {
    headers: { authorization: `Bearer ${bearer}` }
  })
  told.push(`live: ${live.status}`)
  await live.body?.cancel()
  const made = await ask('POST', 'tokens', { name: 'script', scopes: ['read'] })
  await ask('POST', 'session/token', { token: made['token'] ?? '' })
  await ask('DELETE', `tokens/${(made['token'] ?? '').slice(4, 16)}`)
  await ask('DELETE', 'session')
  bearer = root
  await ask('DELETE', 'users/ada')
  await ask('GET', 'audit')
  return told
}
