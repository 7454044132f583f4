import { bearerOf } from '@meridian/protocol/commands'

/** The cookie in which a browser keeps its access token; scripts of a page cannot read it. */
export const ACCESS_COOKIE = 'meridian_access'

/** What of an HTTP request may carry an access token: its `Authorization` and its cookies. */
export interface TokenCarrier {
  readonly headers: { readonly authorization?: string | undefined }
  readonly cookies: Readonly<Record<string, string | undefined>>
}

/** The access token of a request; what a program says expressly goes before the cookie. Undefined where there is none. */
export const tokenOfRequest = ({ headers, cookies }: TokenCarrier): string | undefined =>
  bearerOf(headers.authorization) ?? cookies[ACCESS_COOKIE]
