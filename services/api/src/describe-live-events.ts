import { errorSchema, liveEventsQuerySchema } from '@meridian/protocol/http'

/**
 * `GET /live/events` as OpenAPI: the gateways answer it, on the same origin as the api where a front stands before both.
 * Its parameters are those that a gateway checks.
 */
export const liveEventsPath = {
  get: {
    tags: ['live'],
    summary: 'Live data under some patterns, as Server-Sent Events',
    description:
      'Answered by the gateways. Last values come first, then what follows, for as long as the answer is read (docs/protocol.md).',
    parameters: [
      ...Object.entries(liveEventsQuerySchema.properties).map(([name, schema]) => ({
        ...{ in: 'query', name, schema },
        description: 'description' in schema ? schema.description : undefined,
        required: liveEventsQuerySchema.required.some(one => one === name)
      })),
      {
        ...{ in: 'header', name: 'Last-Event-ID', required: false, schema: { type: 'string' } },
        description: 'as `cursor`, and before it: a browser sends it when it connects anew'
      }
    ],
    responses: {
      200: {
        description: 'events: control records by their `op`, data without a name',
        content: { 'text/event-stream': { schema: { type: 'string' } } }
      },
      ...Object.fromEntries(
        [400, 403, 503].map(status => [
          status,
          { description: 'Default Response', content: { 'application/json': { schema: errorSchema } } }
        ])
      )
    }
  }
}
