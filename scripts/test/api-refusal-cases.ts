import { type Asked, type Case, LONG } from './refusal-cases.ts'

const json = { 'content-type': 'application/json' }
const post = (body: string, headers: Record<string, string> = json): Asked => ({
  method: 'POST',
  headers,
  body
})
const AZIMUTH = 'topic=tel.summit.MTMount.0.azimuth&field=actualPosition'

/** What the api refuses. */
export const ofApi: readonly Case[] = [
  [
    `/api/history?${AZIMUTH}&from=1&from=2`,
    {},
    400,
    "request is not as the API describes it: 'from' came 2 times; expected: once"
  ],
  [
    `/api/history?${AZIMUTH}&limt=2`,
    {},
    400,
    "request is not as the API describes it: 'limt' is not known; expected: one of topic, field, index, from, to, points"
  ],
  [
    `/api/history?${AZIMUTH}&point=2`,
    {},
    400,
    "request is not as the API describes it: 'point' is not known; expected: one of topic, field, index, from, to, points; did you mean 'points'?"
  ],
  [
    '/api/history?field=x',
    {},
    400,
    "request is not as the API describes it: 'topic' is missing; expected: subject, such as tel.summit.MTMount.0.azimuth"
  ],
  [
    `/api/history?topic=${LONG}&field=x`,
    {},
    400,
    "request is not as the API describes it: 'topic' has 300 characters; expected: at most 256"
  ],
  [
    '/api/history?topic=tel.summit.MTMount.0.azimuth&field=',
    {},
    400,
    "request is not as the API describes it: 'field' is empty; expected: name of the field, any text of at most 255 bytes"
  ],
  [
    `/api/history?topic=tel.summit.MTMount.0.azimuth&field=${encodeURIComponent('ü'.repeat(200))}`,
    {},
    400,
    "request is not as the API describes it: 'field' has 400 bytes; expected: at most 255"
  ],
  [
    `/api/history?${AZIMUTH}&points=5001`,
    {},
    400,
    "request is not as the API describes it: 'points' is '5001'; expected: a whole number, 1 to 5000"
  ],
  [
    `/api/history?${AZIMUTH}&from=yesterday`,
    {},
    400,
    "time range is wrong: 'from' is 'yesterday'; expected: TAI seconds or an ISO time of a day that exists, 1970 to 9999"
  ],
  [
    `/api/history?${AZIMUTH}&from=20&to=10`,
    {},
    400,
    "time range is wrong: 'from' is 20; expected: before 'to', 10"
  ],
  [
    '/api/history?topic=tel.%3E&field=x',
    {},
    400,
    "topic is not one of telemetry or events: 'topic' is 'tel.>'; expected: one subject without wildcards, such as tel.summit.MTMount.0.azimuth"
  ],
  [
    '/api/history?topic=tel.base.MTMount.0.azimuth&field=x',
    {},
    400,
    "topic is not one of telemetry or events: 'topic' is 'tel.base.MTMount.0.azimuth'; expected: a subject of site 'summit'"
  ],
  [
    '/api/history?topic=tel.summit.MTMount.0.azimuth&field=actualPositon',
    {},
    400,
    "topic has no such field: 'actualPositon'; did you mean 'actualPosition'?"
  ],
  [
    `/api/history?${AZIMUTH}&index=1`,
    {},
    400,
    "topic has no such field: an element of 'actualPosition': it is no array"
  ],
  [
    '/api/history?topic=evt.summit.MTMount.0.errorCode&field=errorReport',
    {},
    400,
    "field is not a number: 'errorReport': it is text"
  ],
  [
    '/api/history?topic=tel.summit.MTMount.0.azimut&field=x',
    {},
    404,
    "component has no such topic: 'azimut'; did you mean 'azimuth'?"
  ],
  [
    `/api/events?pattern=${LONG}`,
    {},
    400,
    "request is not as the API describes it: 'pattern' has 300 characters; expected: at most 256"
  ],
  [
    `/api/events?pattern=evt.%3E&pattern=${LONG}`,
    {},
    400,
    "request is not as the API describes it: 'pattern' has 300 characters; expected: at most 256"
  ],
  [
    `/api/events?${new Array(33).fill('pattern=evt.%3E').join('&')}`,
    {},
    400,
    "request is not as the API describes it: 'pattern' came 33 times; expected: at most 32 times"
  ],
  [
    '/api/events?pattern=tel.summit.%3E',
    {},
    400,
    "topic is not one of telemetry or events: 'pattern' is 'tel.summit.>'; expected: a pattern that begins with 'evt.' or 'script.'"
  ],
  [
    '/api/events?pattern=evt.base.%3E',
    {},
    400,
    "topic is not one of telemetry or events: 'pattern' is 'evt.base.>'; expected: a pattern of site 'summit'"
  ],
  [
    '/api/events?pattern=evt.%3E&limit=1&limit=2',
    {},
    400,
    "request is not as the API describes it: 'limit' came 2 times; expected: once"
  ],
  [
    '/api/commands?index=0',
    {},
    400,
    "request is not as the API describes it: 'component' is missing; expected: a name beside 'index'"
  ],
  [
    '/api/commands?component=a.b',
    {},
    400,
    "request is not as the API describes it: 'component' is 'a.b'; expected: a name of letters, digits, '_', '-' and '='"
  ],
  [
    '/api/commands/not-an-id',
    {},
    400,
    "request is not as the API describes it: 'id' is 'not-an-id'; expected: a ULID in lower case, 26 letters and digits"
  ],
  [
    '/api/commands/01jd3v8c6qz5n7k2m4x9w00001?wait=61',
    {},
    400,
    "request is not as the API describes it: 'wait' is '61'; expected: seconds, 0 to 60, such as 10 or 2.5"
  ],
  [
    '/api/commands/01jd3v8c6qz5n7k2m4x9w00001',
    {},
    404,
    "no command with this id is recorded: '01jd3v8c6qz5n7k2m4x9w00001'"
  ],
  ['/api/catalogue/mtmount', {}, 404, "catalogue has no such component: 'mtmount'; did you mean 'MTMount'?"],
  ['/api/nothing', {}, 404, 'no such address: GET /api/nothing; /api/openapi.json lists those that exist'],
  ['//metrics', {}, 404, 'no such address: its path has an empty segment, or one of dots'],
  ['/a/./metrics', {}, 404, 'no such address: its path has an empty segment, or one of dots'],
  [
    '/api/%E0%A4%A',
    {},
    400,
    "request is not as the API describes it: '/api/%E0%A4%A' is not a valid url component"
  ],
  [
    '/api/commands',
    { method: 'DELETE' },
    405,
    'address does not take this method: DELETE /api/commands; expected: GET, HEAD, POST'
  ],
  [
    '/api/commands',
    post('{}', { 'content-type': 'text/plain' }),
    415,
    "content type is not served: 'content-type' is 'text/plain'; expected: application/json"
  ],
  ['/api/commands', { method: 'POST' }, 400, 'command request is malformed: not a JSON object'],
  [
    '/api/commands',
    post(`{"params":"${'x'.repeat(70_000)}"}`),
    413,
    'command request is too large: at most 65536 bytes are taken'
  ],
  [
    '/api/site',
    { headers: { host: 'evil.example' } },
    421,
    "host is none that this server answers to: 'evil.example'; expected: localhost, the name of this machine, or one of the setting HOSTS"
  ]
]
