/**
 * What one error code means to a program: a constant message, whether trying again can help, and how each
 * door says it.
 */
export interface CodeEntry {
  readonly message: string
  readonly canRetry: boolean
  /** HTTP status, where an HTTP door answers with this code; 500 otherwise. */
  readonly http?: number
  /** WebSocket close code, where this error ends a connection. */
  readonly close?: number
}

/**
 * Every error that Meridian reports, by its code. Codes are never reused. `docs/errors.md` lists the same
 * set; a test compares both ways. Prefix: the part that raises it (GEN any, CFG configuration, NET HTTP, BRK
 * broker, WIR bytes and names, CAT catalogue, PRD producer, SAL messages of SAL on Kafka, AUT users, and who may do what, GTW gateway, CMD commands, API, SIM simulator,
 * SDK client, CON console, RUN what is run in a terminal).
 */
export const codes = {
  GEN_INTERNAL: { message: 'unexpected error', canRetry: false, http: 500 },
  CFG_INVALID: { message: 'configuration is invalid', canRetry: false },
  RUN_BAD_OPTION: { message: 'command line is not as expected', canRetry: false },
  RUN_BAD_FILE: { message: 'file cannot be used', canRetry: false },
  RUN_NO_SYSTEM: { message: 'no system runs on this data folder', canRetry: true },
  RUN_NO_API: { message: 'the api does not answer', canRetry: true },
  RUN_REFUSED: { message: 'the api refused this', canRetry: false },
  RUN_BAD_PORT: { message: 'port cannot be used', canRetry: false },
  RUN_NO_ROOM: { message: 'disk has too little room', canRetry: false },
  RUN_NO_KAFKA: { message: 'there is no Kafka that can be run', canRetry: false },
  RUN_NO_BROKER: { message: 'there is no nats-server that can be run', canRetry: false },
  RUN_NOT_READY: { message: 'process ended before it was ready', canRetry: false },
  RUN_BAD_FOLDER: { message: 'data folder cannot be used', canRetry: false },
  RUN_FOLDER_IN_USE: { message: 'data folder is in use', canRetry: false },
  RUN_DRIFT: { message: 'generated file is not what its source says', canRetry: false },
  RUN_STILL_RUNNING: { message: 'this process is running', canRetry: true },
  RUN_TOOL_FAILED: { message: 'a program that this needs is missing or failed', canRetry: true },
  RUN_BAD_IMAGE: { message: 'image is not as it must be', canRetry: false },
  RUN_ENDED: { message: 'ended before it was done', canRetry: true },
  RUN_BAD_BACKUP: { message: 'backup cannot be used', canRetry: false },
  BRK_UNAVAILABLE: { message: 'broker is not reachable', canRetry: true, http: 503 },
  BRK_INSECURE: { message: 'no trusted connection to the broker', canRetry: true, http: 503 },
  BRK_WRONG_KEY: { message: 'broker does not know the key of this process', canRetry: true, http: 503 },
  BRK_NO_RESPONDERS: { message: 'nobody serves this subject', canRetry: true, http: 503 },
  BRK_TIMEOUT: { message: 'broker did not answer in time', canRetry: true, http: 504 },
  BRK_NOT_PERMITTED: { message: 'broker does not permit this', canRetry: false, http: 403 },
  BRK_WRONG_SEQUENCE: { message: 'stream has moved on', canRetry: true, http: 409 },
  BRK_STREAM_FULL: { message: 'stream is full and refuses', canRetry: true, http: 503 },
  BRK_NO_STREAM: { message: 'stream does not exist', canRetry: true, http: 503 },
  BRK_STREAM_SHRINK: { message: 'stream would lose messages', canRetry: false },
  BRK_NO_ROOM: { message: 'broker has too little room', canRetry: false },
  BRK_STREAM_EXISTS: { message: 'stream exists already', canRetry: false },
  BRK_BAD_FORGET: { message: 'message on a subject of forget is none', canRetry: false },
  BRK_REFUSED: { message: 'broker refuses the request', canRetry: false },
  WIR_BAD_SUBJECT: { message: 'subject is malformed', canRetry: false, http: 400 },
  WIR_BAD_PATTERN: { message: 'pattern is malformed', canRetry: false, http: 400 },
  WIR_BAD_SAMPLE: { message: 'bytes are not a sample', canRetry: false },
  CAT_UNREADABLE: { message: 'catalogue facts cannot be read', canRetry: false },
  CAT_FORMAT: { message: 'catalogue facts are in a format that this version does not read', canRetry: false },
  CAT_UNKNOWN: { message: 'catalogue does not know this name', canRetry: false, http: 404 },
  CAT_IMPORT: { message: 'interface directory has faults', canRetry: false },
  CAT_NO_DIRECTORY: { message: 'interface directory is not there', canRetry: false },
  CAT_NO_FILE: { message: 'interface file is missing', canRetry: false },
  CAT_BAD_XML: { message: 'interface file is malformed', canRetry: false },
  CAT_BAD_AVSC: { message: 'camera schema is malformed', canRetry: false },
  CAT_MISSING_ELEMENT: { message: 'interface element is missing', canRetry: false },
  CAT_BAD_NAME: { message: 'interface name is malformed', canRetry: false },
  CAT_UNKNOWN_TYPE: { message: 'field type is unknown', canRetry: false },
  CAT_BAD_COUNT: { message: 'field count is not a whole number of 1 or more', canRetry: false },
  CAT_DUPLICATE: { message: 'interface name appears twice', canRetry: false },
  CAT_BAD_ENUMERATION: { message: 'enumeration is malformed', canRetry: false },
  CAT_UNKNOWN_GENERIC: { message: 'component asks for a generic topic that does not exist', canRetry: false },
  CAT_BAD_RULE: { message: 'rule for the import is wrong', canRetry: false },
  CAT_SITE_UNREADABLE: { message: 'site file cannot be read', canRetry: false },
  CAT_SITE_INVALID: { message: 'site file is not of the right form', canRetry: false },
  CAT_SITE_UNKNOWN: { message: 'site file names something that does not exist', canRetry: false },
  CAT_SITE_DUPLICATE: { message: 'site file names something twice', canRetry: false },
  CAT_SITE_INDEX: { message: 'site file has a wrong index', canRetry: false },
  CAT_SITE_NAME: { message: 'site file is of another site', canRetry: false },
  CAT_SITE_SPLIT: { message: 'site file shares out a topic twice', canRetry: false },
  AUT_NO_TOKEN: { message: 'nobody is logged in here', canRetry: false, http: 401, close: 4401 },
  AUT_BAD_TOKEN: { message: 'this is no access token of this site', canRetry: false, http: 401, close: 4401 },
  AUT_EXPIRED: { message: 'access token has expired', canRetry: false, http: 401, close: 4401 },
  AUT_REVOKED: { message: 'access was ended', canRetry: false, http: 401, close: 4401 },
  AUT_UNAVAILABLE: { message: 'who asks cannot be verified now', canRetry: true, http: 503, close: 1013 },
  AUT_OTHER_USER: { message: 'access token is of another session', canRetry: false, http: 403 },
  AUT_NOT_READABLE: { message: 'reading this is not allowed for this user', canRetry: false, http: 403 },
  AUT_BAD_NAME: { message: 'name of a user is malformed', canRetry: false, http: 400 },
  AUT_BAD_PASSWORD: { message: 'password is not one that is taken', canRetry: false, http: 400 },
  AUT_UNKNOWN_ROLE: { message: 'site has no such role', canRetry: false, http: 400 },
  AUT_UNKNOWN_USER: { message: 'there is no such user', canRetry: false, http: 404 },
  AUT_USER_EXISTS: { message: 'there is a user of this name', canRetry: false, http: 409 },
  AUT_USER_CHANGED: { message: 'somebody else changed it at the same time', canRetry: false, http: 409 },
  AUT_LAST_ADMINISTRATOR: {
    message: 'the last user who may manage users must remain',
    canRetry: false,
    http: 409
  },
  AUT_BAD_FIRST_TOKEN: {
    message: 'token for the first administrator is wrong, used or out of date',
    canRetry: false,
    http: 403
  },
  AUT_BAD_RECORD: { message: 'record of a user or session cannot be read', canRetry: false, http: 500 },
  AUT_WRONG_LOGIN: {
    message: 'name or password is wrong, or the user is disabled',
    canRetry: false,
    http: 401
  },
  AUT_TOO_MANY_TRIES: { message: 'too many tries failed', canRetry: true, http: 429 },
  AUT_TOO_OFTEN: { message: 'user did this too often in a short time', canRetry: true, http: 429 },
  AUT_SESSION_ENDED: { message: 'session has ended', canRetry: false, http: 401 },
  AUT_UNKNOWN_SESSION: { message: 'there is no such session', canRetry: false, http: 404 },
  AUT_TOKEN_ENDED: { message: 'personal token is not valid any more', canRetry: false, http: 401 },
  AUT_UNKNOWN_PERSONAL_TOKEN: { message: 'there is no such personal token', canRetry: false, http: 404 },
  AUT_TOO_MANY_TOKENS: { message: 'user has as many personal tokens as one may', canRetry: false, http: 409 },
  AUT_EMPTY_SCOPE: { message: 'no role of this user allows what a token is for', canRetry: false, http: 403 },
  AUT_NOT_FOR_TOKENS: {
    message: 'this is for whoever logs in, not for a program',
    canRetry: false,
    http: 403
  },
  AUT_NOT_MANAGER: { message: 'managing users is not allowed for this user', canRetry: false, http: 403 },
  AUT_BAD_ORIGIN: { message: 'page of this origin may change nothing', canRetry: false, http: 403 },
  AUT_NO_LOGIN: { message: 'nobody logs in here, everybody has the same role', canRetry: false, http: 404 },
  AUT_BUSY: { message: 'too many log-ins are being checked', canRetry: true, http: 503 },
  AUT_NO_PROVIDER: { message: 'nobody logs in through a provider here', canRetry: false, http: 404 },
  AUT_NO_PASSWORDS: { message: 'nobody logs in with a password here', canRetry: false, http: 403 },
  AUT_BAD_RETURN: { message: 'page to return to is none of this site', canRetry: false, http: 400 },
  AUT_LOG_IN_LOST: {
    message: 'this browser has begun no such log-in, or too long ago',
    canRetry: false,
    http: 400
  },
  AUT_PROVIDER_AWAY: { message: 'OpenID provider does not answer', canRetry: true, http: 503 },
  AUT_PROVIDER_REFUSED: { message: 'OpenID provider has not logged in', canRetry: false, http: 403 },
  AUT_BAD_CODE: { message: 'log-in is over, or was finished before', canRetry: false, http: 403 },
  AUT_PROVIDER_NEW_KEY: {
    message: 'OpenID provider signs with a key that is not known here yet',
    canRetry: true,
    http: 503
  },
  AUT_BAD_PROVIDER: { message: 'answer of the OpenID provider is not taken', canRetry: false, http: 502 },
  AUT_BAD_CLAIM: {
    message: 'OpenID provider tells no name that a user can have',
    canRetry: false,
    http: 403
  },
  AUT_NO_ROLE: { message: 'no group of this person gives a role here', canRetry: false, http: 403 },
  AUT_NAME_TAKEN: { message: 'name is that of another user here', canRetry: false, http: 409 },
  AUT_USER_DISABLED: { message: 'this user is disabled here', canRetry: false, http: 403 },
  AUT_OF_PROVIDER: { message: 'OpenID provider says this of the user', canRetry: false, http: 409 },
  CMD_BAD_REQUEST: { message: 'command request is malformed', canRetry: false, http: 400 },
  CMD_TOO_LARGE: { message: 'command request is too large', canRetry: false, http: 413 },
  CMD_BAD_ID: { message: 'command id is malformed', canRetry: false, http: 400 },
  CMD_UNKNOWN_COMPONENT: {
    message: 'component is neither in the catalogue nor alive',
    canRetry: false,
    http: 404
  },
  CMD_UNKNOWN_INSTANCE: {
    message: 'site has no such instance and none is alive',
    canRetry: false,
    http: 404
  },
  CMD_UNKNOWN_COMMAND: { message: 'component has no such command', canRetry: false, http: 404 },
  CMD_BAD_PARAMETER: { message: 'parameter is not as expected', canRetry: false, http: 400 },
  CMD_OFFLINE: { message: 'component is offline', canRetry: true, http: 409 },
  CMD_NOT_ALLOWED: { message: 'command not allowed for this user', canRetry: false, http: 403 },
  CMD_DUPLICATE_ID: { message: 'command id was used for another command', canRetry: false, http: 409 },
  CMD_OVERLOAD: { message: 'too many commands are open', canRetry: true, http: 429 },
  CMD_TOO_LATE: {
    message: 'command was read too late, nothing was accepted',
    canRetry: true,
    http: 503
  },
  CMD_NO_COMMANDER: { message: 'no commander is running', canRetry: true, http: 503 },
  CMD_NOT_FOUND: { message: 'no command with this id is recorded', canRetry: false, http: 404 },
  CMD_BAD_RECORD: { message: 'record of a command cannot be read', canRetry: false, http: 500 },
  CMD_BAD_REPLY: { message: 'answer of a component is no acknowledgement', canRetry: false },
  CMD_BAD_ANSWER: { message: 'answer of a commander cannot be read', canRetry: false, http: 502 },
  NET_BAD_JSON: { message: 'body is not JSON', canRetry: false, http: 400 },
  NET_BAD_TYPE: { message: 'content type is not served', canRetry: false, http: 415 },
  NET_TOO_LARGE: { message: 'body is too large', canRetry: false, http: 413 },
  NET_BAD_REQUEST: { message: 'request is not as the API describes it', canRetry: false, http: 400 },
  NET_HEADERS_TOO_LARGE: { message: 'headers of the request are too large', canRetry: false, http: 431 },
  NET_ADDRESS_TOO_LONG: { message: 'address of the request is too long', canRetry: false, http: 414 },
  NET_TOO_SLOW: { message: 'request did not come in time', canRetry: true, http: 408 },
  NET_NOT_LOCAL: { message: 'answered on the machine itself alone', canRetry: false, http: 403 },
  NET_INSECURE: { message: 'served over HTTPS alone', canRetry: false, http: 403 },
  NET_BAD_HOST: { message: 'host is none that this server answers to', canRetry: false, http: 421 },
  NET_CONNECTION_LOST: {
    message: 'connection to the service behind was lost before its answer',
    canRetry: false,
    http: 502
  },
  NET_NO_ROUTE: { message: 'no such address', canRetry: false, http: 404 },
  NET_BAD_METHOD: { message: 'address does not take this method', canRetry: false, http: 405 },
  NET_TOO_MANY_REQUESTS: { message: 'too many requests in a short time', canRetry: true, http: 429 },
  NET_NOT_READY: { message: 'service has not started yet', canRetry: true, http: 503 },
  NET_STOPPING: { message: 'service is going away', canRetry: true, http: 503 },
  API_UNKNOWN_COMPONENT: { message: 'catalogue has no such component', canRetry: false, http: 404 },
  API_UNKNOWN_TOPIC: { message: 'component has no such topic', canRetry: false, http: 404 },
  API_BAD_TOPIC: { message: 'topic is not one of telemetry or events', canRetry: false, http: 400 },
  API_UNKNOWN_FIELD: { message: 'topic has no such field', canRetry: false, http: 400 },
  API_NOT_NUMERIC: { message: 'field is not a number', canRetry: false, http: 400 },
  API_BAD_RANGE: { message: 'time range is wrong', canRetry: false, http: 400 },
  API_TOO_MANY_TOPICS: { message: 'more than one answer holds', canRetry: false, http: 400 },
  API_BUSY: { message: 'the record is being read by too many', canRetry: true, http: 429 },
  GTW_BAD_FRAME: { message: 'frame is not of the protocol', canRetry: false, close: 1002 },
  GTW_UNKNOWN_OP: { message: 'operation is not known', canRetry: false },
  GTW_FRAME_TOO_LARGE: { message: 'frame is larger than allowed', canRetry: false, close: 1009 },
  GTW_BAD_CURSOR: { message: 'cursor is not one of ours', canRetry: false, http: 400 },
  GTW_TOO_FAST: { message: 'too many frames in a short time', canRetry: true, close: 1013 },
  GTW_TOO_MANY_BYTES: { message: 'too many bytes in a short time', canRetry: true, close: 1013 },
  GTW_TOO_MANY_SUBSCRIPTIONS: { message: 'too many subscriptions on one connection', canRetry: false },
  GTW_TOO_MANY_PATTERNS: { message: 'too many patterns on one connection', canRetry: false, http: 400 },
  GTW_TOO_MANY_FIELDS: { message: 'too many chosen fields on one connection', canRetry: false },
  GTW_TOO_MANY_TOPICS: { message: 'subscriptions match too many topics', canRetry: false },
  GTW_TOO_MUCH_WORK: { message: 'patterns match the same topics too often', canRetry: false, http: 400 },
  GTW_TOO_MANY_COMMANDS: { message: 'too many commands without an answer yet', canRetry: true },
  GTW_NOT_SERVED: {
    message: 'no subject that this gateway serves is under the pattern',
    canRetry: false,
    http: 400
  },
  GTW_RATE_OF_ALL: {
    message: 'rate has no meaning where every message comes',
    canRetry: false,
    http: 400
  },
  GTW_NO_SUBSCRIPTION: { message: 'there is no subscription of this number', canRetry: false },
  GTW_SLOW_CLIENT: { message: 'client cannot keep up', canRetry: true, close: 1013 },
  GTW_FULL: { message: 'gateway has all the connections it takes', canRetry: true, http: 503, close: 1013 },
  GTW_TOO_MANY_CONNECTIONS: {
    message: 'this user or address has all the connections that one may',
    canRetry: true,
    http: 429,
    close: 1013
  },
  GTW_TOO_MANY_AT_ONCE: {
    message: 'too many connections are being opened at once',
    canRetry: true,
    http: 503,
    close: 1013
  },
  GTW_MOVE_OVERDUE: { message: 'client was asked to connect anew and did not', canRetry: true, close: 1012 },
  GTW_NOT_READY: { message: 'gateway has not read the streams yet', canRetry: true, http: 503 },
  GTW_DRAINING: { message: 'gateway is going away', canRetry: true, http: 503, close: 1012 },
  GTW_BAD_ORIGIN: { message: 'page of this origin may not connect', canRetry: false, http: 403 },
  GTW_UPGRADE_REQUIRED: {
    message: 'address takes WebSocket upgrades only',
    canRetry: false,
    http: 426
  },
  GTW_BAD_UPGRADE: { message: 'not a WebSocket upgrade that is served here', canRetry: false, http: 400 },
  SIM_REFUSED: { message: 'component refuses the command', canRetry: false },
  SIM_BAD_REQUEST: { message: 'request to a simulated component is malformed', canRetry: false },
  SIM_NO_COMPONENT: { message: 'the simulator plays no such component', canRetry: false },
  SIM_BAD_FAULTS: { message: 'list of faults is malformed', canRetry: false },
  SDK_CLOSED: { message: 'client was closed', canRetry: false },
  SDK_BAD_URL: { message: 'address of the gateway is malformed', canRetry: false },
  SDK_BAD_COMMAND: { message: 'command is not of the protocol, it was not sent', canRetry: false },
  SDK_CONNECTION_LOST: { message: 'connection to the gateway was lost', canRetry: true },
  SDK_REFUSED: { message: 'gateway ended the connection for good', canRetry: false },
  SDK_COMMAND_NOT_SENT: { message: 'no gateway in time, the command was not sent', canRetry: true },
  SDK_COMMAND_UNANSWERED: {
    message: 'no answer came in time, whether the command was accepted is not known',
    canRetry: false
  },
  SDK_COMMAND_UNTRACKED: {
    message: 'stages of the command were missed, its outcome is with the api',
    canRetry: false
  },
  SDK_API_UNREACHABLE: { message: 'api does not answer', canRetry: true },
  SDK_WORKER_LOST: { message: 'worker of the connection ended or cannot be started', canRetry: true },
  PRD_BAD_SUBJECT: { message: 'raw subject is malformed', canRetry: false },
  PRD_BAD_PAYLOAD: { message: 'raw payload is neither a JSON object nor a MessagePack map', canRetry: false },
  PRD_BAD_FIELD: { message: 'field contradicts the catalogue', canRetry: false },
  PRD_BAD_KEY: { message: 'key field is not a text, a number or a truth value', canRetry: false },
  PRD_TOO_MANY_NAMES: { message: 'too many names of a component, or too many components', canRetry: false },
  SAL_BAD_MESSAGE: { message: 'message on Kafka is not as SAL writes it', canRetry: false },
  SAL_BAD_SCHEMA: { message: 'schema is not as SAL writes it', canRetry: false },
  SAL_BAD_TOPIC: { message: 'topic of Kafka is none of SAL', canRetry: false },
  SAL_NO_SCHEMA: { message: 'registry does not know the schema', canRetry: false },
  SAL_KAFKA: { message: 'Kafka does not answer as it must', canRetry: true },
  SAL_REGISTRY: { message: 'registry of schemas does not answer as it must', canRetry: true },
  CON_API_UNREACHABLE: { message: 'the api did not answer', canRetry: true },
  PRD_UNFLUSHED: { message: 'samples were not stored before the end', canRetry: false }
} as const satisfies Record<string, CodeEntry>

/** One of the codes of the table, such as `BRK_TIMEOUT`; docs/errors.md describes each. */
export type Code = keyof typeof codes
