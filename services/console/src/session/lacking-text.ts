import type { MeAnswer } from '@meridian/protocol/http'

/** `your role is viewer, it needs operator or administrator`: which of the site's roles would allow a deed such as `send it`. */
export function lackingText(
  { roles }: Pick<MeAnswer, 'roles'>,
  { allowing, deed }: { readonly allowing: readonly string[]; readonly deed: string }
): string {
  const needed =
    allowing.length === 0 ? `no role of this site may ${deed}` : `it needs ${allowing.join(' or ')}`
  return `your role is ${roles.join(', ') || 'none'}, ${needed}`
}
