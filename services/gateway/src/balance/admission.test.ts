import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { AppError } from '@meridian/errors'
import t from 'tap'
import { createAdmission, type Verdict } from './admission.ts'

const client = { principal: { name: 'ada', roles: ['viewer'] }, address: '10.0.0.7' }

/** A request, with the headers of a page where it names an origin. */
function requestOf(headers: IncomingMessage['headers'] = {}): IncomingMessage {
  return Object.assign(new IncomingMessage(new Socket()), { headers })
}

t.test('who waits for his turn is looked at again when it comes: his token may have ended', async t => {
  let ended: AppError | undefined
  const admit = createAdmission({
    access: { whyEnded: () => ended },
    sessions: { size: 0, isDraining: () => false },
    maxConnections: 10,
    shares: { refusalOf: () => undefined },
    pace: { turn: () => 1, waited: () => 0 },
    canTell: () => true
  })
  const verdictOn = (request: IncomingMessage): Promise<Verdict> =>
    new Promise(resolve => admit(request, client, resolve))
  t.same(await verdictOn(requestOf()), { kind: 'welcome' })
  const waiting = [verdictOn(requestOf()), verdictOn(requestOf({ origin: 'http://here' }))]
  ended = new AppError('AUT_REVOKED', { detail: 'logged out' })
  t.same(await Promise.all(waiting), [
    { kind: 'refused', error: ended },
    { kind: 'told', error: ended }
  ])
})
