import type { MeAnswer } from '@meridian/protocol/http'

/** Roles that a sentence names. */
const NAMED = 3

/** `your role is viewer, it needs operator or administrator`: which of the site's roles would allow a deed such as `send it`. */
export function lackingText(
  { roles }: Pick<MeAnswer, 'roles'>,
  { allowing, deed }: { readonly allowing: readonly string[]; readonly deed: string }
): string {
  const needed = allowing.length === 0 ? `no role of this site may ${deed}` : `it needs ${namesOf(allowing)}`
  return `your role is ${roles.join(', ') || 'none'}, ${needed}`
}

/** Role names in a sentence; where many would do, some of them. */
function namesOf(roles: readonly string[]): string {
  if (roles.length <= NAMED) return roles.join(' or ')
  return `${roles.slice(0, NAMED).join(', ')} or one of ${roles.length - NAMED} more`
}
