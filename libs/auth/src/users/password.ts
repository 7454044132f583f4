import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { AppError } from '@meridian/errors'
import { USER_LIMITS } from '@meridian/protocol/http'

/** What scrypt costs: 32 MiB and about a tenth of a second. Stored in each hash, so it may grow. */
const COST: Cost = { N: 2 ** 15, r: 8, p: 1 }
const SALT_BYTES = 16
const HASH_BYTES = 32
/** Above what any cost here needs; Node refuses what needs more. */
const MAX_MEMORY = 128 * 1024 * 1024

interface Cost {
  readonly N: number
  readonly r: number
  readonly p: number
}

/** Throws AUT_BAD_PASSWORD for one that is too short or too long, or is the name of its user. */
export function assertPassword(name: string, password: string): void {
  const { least, most } = USER_LIMITS.password
  if (password.length < least || password.length > most) throw badPassword(`${least} to ${most} characters`)
  if (password.toLowerCase() === name) throw badPassword('another text than the name')
}

const badPassword = (expected: string): AppError =>
  new AppError('AUT_BAD_PASSWORD', { detail: `expected: ${expected}` })

/** Hashes a password with a new salt: `scrypt$N$r$p$salt$hash`, salt and hash in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const hash = await derive(password, salt, COST)
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), hash.toString('base64url')].join('$')
}

/** Whether it is the password of this hash; takes the time that its cost says, whatever the answer. */
export async function isPasswordOf(password: string, stored: string): Promise<boolean> {
  const [, N = 0, r = 0, p = 0] = stored.split('$').map(Number)
  const [, , , , salt = '', hash = ''] = stored.split('$')
  const wanted = Buffer.from(hash, 'base64url')
  const derived = await derive(password, Buffer.from(salt, 'base64url'), { N, r, p })
  return derived.length === wanted.length && timingSafeEqual(derived, wanted)
}

/** The same letters may be typed as one or as two characters (é): they are one password. */
function derive(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, HASH_BYTES, { ...cost, maxmem: MAX_MEMORY }, (err, hash) =>
      err === null ? resolve(hash) : reject(err)
    )
  })
}
