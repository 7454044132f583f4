import { type ReadonlySignal, signal } from '@preact/signals'

/** Which page is shown; kept in the address, so that a link leads there. */
export type Route =
  | { readonly kind: 'overview' }
  | { readonly kind: 'users' }
  | { readonly kind: 'account' }
  | { readonly kind: 'audit' }
  | { readonly kind: 'unknown'; readonly address: string }
  | { readonly kind: 'instance'; readonly csc: string; readonly index: number }

/** The largest index that a subject can have. */
const MAX_INDEX = 0x7fffffff

/** The address of the page of users. */
export const USERS_HREF = '#/users'

/** The address of the page of what was done and refused. */
export const AUDIT_HREF = '#/audit'

/** The address of the page of whoever is logged in. */
export const ACCOUNT_HREF = '#/account'

/** The route of a hash such as `#/MTMount:0`; none is the overview, and any other leads nowhere. */
export function routeOf(hash: string): Route {
  if (/^#?\/?$/.test(hash)) return { kind: 'overview' }
  if (hash === USERS_HREF) return { kind: 'users' }
  if (hash === ACCOUNT_HREF) return { kind: 'account' }
  if (hash === AUDIT_HREF) return { kind: 'audit' }
  const [, csc, digits] = /^#\/([A-Za-z0-9_-]{1,120}):(\d{1,10})$/.exec(hash) ?? []
  const index = Number(digits)
  return csc === undefined || index > MAX_INDEX
    ? { kind: 'unknown', address: hash }
    : { kind: 'instance', csc, index }
}

/** The address of the page of all components. */
export const OVERVIEW_HREF = '#/'

/** The address of an instance's page. */
export const instanceHref = (csc: string, index: number): string => `#/${csc}:${index}`

/** The route of the address bar as a signal. */
export function watchRoute(): ReadonlySignal<Route> {
  const route = signal(routeOf(location.hash))
  addEventListener('hashchange', () => {
    route.value = routeOf(location.hash)
  })
  return route
}
