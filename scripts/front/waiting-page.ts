import type { IncomingMessage } from 'node:http'
import type { AppError } from '@meridian/errors'

/** Whether a browser asks for a page that somebody will look at. */
export const isForPage = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.accept?.includes('text/html') === true

/** What a page that waits for the api says of the gateways. */
const GATEWAYS = {
  answer: 'Gateways answer: pages that are open elsewhere go on showing live values, and can send stops.',
  silent: 'No gateway answers either.',
  none: ''
} as const

/** Whether gateways answer; `none`: there is no way to them here. */
export type Gateways = keyof typeof GATEWAYS

/**
 * What a browser shows while the api, which hands out the console, is away: the reason, what else is there, and
 * the page itself as soon as the api is back. The reload keeps the address, with the instance that was looked at.
 */
export const waitingPage = ({ message }: AppError, gateways: Gateways): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="1">
<title>Meridian: the api is away</title>
<h1>The api is away</h1>
<p>It hands out this page, and does not answer: ${plain(message)}.</p>
<p>${GATEWAYS[gateways]}</p>
<p>This page asks again every second.</p>
</html>
`

const plain = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
