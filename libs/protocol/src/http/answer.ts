import type { Static, TSchema } from 'typebox'

type ReadonlyDeep<T> = unknown extends T ? T : { readonly [K in keyof T]: ReadonlyDeep<T[K]> }

/** What a schema of this folder describes, to be read and not changed. */
export type Answer<S extends TSchema> = ReadonlyDeep<Static<S>>
