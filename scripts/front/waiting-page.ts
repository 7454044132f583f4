import type { IncomingMessage } from 'node:http'
import type { AppError } from '@meridian/errors'

/** Whether a browser asks for a page that somebody will look at. */
export const isForPage = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.accept?.includes('text/html') === true

/**
 * What a browser shows while the service behind a page is away: the reason, and the page itself as soon as it
 * is there again. The reload keeps the address, with the instance that was looked at.
 */
export const waitingPage = ({ message }: AppError): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="1">
<title>Meridian is away</title>
<h1>Meridian is away</h1>
<p>${plain(message)}</p>
<p>This page asks again every second.</p>
</html>
`

const plain = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
