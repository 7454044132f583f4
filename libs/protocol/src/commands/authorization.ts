/** Header of a request on `cmd.` that carries the access token of whoever asks, spelt as HTTP spells it. */
export const AUTHORIZATION = 'Authorization'
/** What stands before the access token in the value of an `Authorization` header. */
export const BEARER = 'Bearer '

/** The access token in the value of an `Authorization` header, of NATS or of HTTP; undefined where there is none. */
export const bearerOf = (value: string | undefined): string | undefined =>
  /^bearer +(\S+)$/i.exec(value ?? '')?.[1]
