import { AppError, briefly } from '@meridian/errors'

const NAME = /^[A-Za-z][A-Za-z0-9_-]{1,31}$/

/** A text as the name of a user, in small letters; undefined where no user can be named so. */
export const userNameOf = (text: string): string | undefined =>
  // Of letters of other alphabets some have a small one of ours, such as the sign of Kelvin.
  NAME.test(text) ? text.toLowerCase() : undefined

/**
 * As `userNameOf`; throws AUT_BAD_NAME. A name is a key of a bucket and stands in records and logs, so its letters
 * are those of all three.
 */
export function parseUserName(text: string): string {
  const name = userNameOf(text)
  if (name !== undefined) return name
  throw new AppError('AUT_BAD_NAME', {
    detail: `${briefly(text)}; expected: a letter and 1 to 31 more small letters, digits, - or _`
  })
}
