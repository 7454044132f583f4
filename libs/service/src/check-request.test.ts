import { AppError } from '@meridian/errors'
import t from 'tap'
import { Type } from 'typebox'
import { schemaCompilers } from './check-request.ts'

type Check = (value: unknown) => { readonly error?: Error; readonly value?: unknown }

const checkOf = (route: { readonly schema: object; readonly httpPart: string }): Check =>
  (schemaCompilers as unknown as { buildValidator(): (route: object) => Check }).buildValidator()(route)

/** The sentence that a query is refused with; undefined where it is taken. */
function refusalOf(query: unknown): string | undefined {
  const check = checkOf({
    schema: Type.Object(
      {
        topic: Type.String({ minLength: 1, maxLength: 5, description: 'a subject' }),
        id: Type.Optional(Type.String({ pattern: '^[a-z]$', title: 'a letter' })),
        many: Type.Optional(
          Type.Union([
            Type.String({ maxLength: 3 }),
            Type.Array(Type.String({ maxLength: 3 }), { maxItems: 2 })
          ])
        )
      },
      { additionalProperties: false }
    ),
    httpPart: 'querystring'
  })
  const { error, value } = check(query)
  if (error === undefined) t.equal(value, query, 'nothing is converted or removed')
  return error instanceof AppError ? `${error.facts['where']}: ${error.detail}` : undefined
}

t.test('a list in a body is told as one, where none may be and where it is too long', async t => {
  const body = Type.Object({
    name: Type.String({ maxLength: 5, description: 'a name' }),
    roles: Type.Array(Type.String({ maxLength: 3 }), { maxItems: 2 })
  })
  const check = checkOf({ schema: body, httpPart: 'body' })
  const told = (value: unknown): string | undefined => (check(value).error as AppError).detail
  t.equal(told({ name: ['a'], roles: ['a'] }), "'name' is a list of 1; expected: a name")
  t.equal(told({ name: 'a', roles: ['a', 'b', 'c'] }), "'roles' is a list of 3; expected: at most 2")
  t.equal(told({ name: 'a', roles: ['a', 'abcd'] }), "'roles' has 4 characters; expected: at most 3")
})

t.test('where only some values may come, they are named', async t => {
  const kind = Type.Enum(['read', 'command'], { description: 'what for' })
  const schema = Type.Object({ kind, kinds: Type.Array(kind, { maxItems: 2, description: 'all' }) })
  const check = checkOf({ schema, httpPart: 'body' })
  const told = (value: unknown): string | undefined => (check(value).error as AppError).detail
  t.equal(
    told({ kind: 'reed', kinds: [] }),
    "'kind' is 'reed'; expected: one of read, command; did you mean 'read'?"
  )
  t.equal(told({ kind: 'read', kinds: ['read', 7] }), "'kinds' is 7; expected: one of read, command")
})

t.test(
  'what is wrong with a request is one sentence: the parameter, what came, what is expected',
  async t => {
    for (const [query, sentence] of [
      [{ topic: 'a' }, undefined],
      [{ topic: 'a', many: ['b', 'c'] }, undefined],
      [{}, "querystring/topic: 'topic' is missing; expected: a subject"],
      [null, "querystring/topic: 'topic' is missing; expected: a subject"],
      [{ topic: '' }, "querystring/topic: 'topic' is empty; expected: a subject"],
      [{ topic: 'abcdef' }, "querystring/topic: 'topic' has 6 characters; expected: at most 5"],
      [{ topic: ['a', 'b'] }, "querystring/topic: 'topic' came 2 times; expected: once"],
      [{ topic: 7 }, "querystring/topic: 'topic' is 7; expected: a subject"],
      [{ topic: 'a', id: 'A' }, "querystring/id: 'id' is 'A'; expected: a letter"],
      [{ topic: 'a', many: 'abcd' }, "querystring/many: 'many' has 4 characters; expected: at most 3"],
      [{ topic: 'a', many: ['a', 'abcd'] }, "querystring/many: 'many' has 4 characters; expected: at most 3"],
      [
        { topic: 'a', many: ['a', 'b', 'c'] },
        "querystring/many: 'many' came 3 times; expected: at most 2 times"
      ],
      [
        { topic: 'a', topics: 'b' },
        "querystring/topics: 'topics' is not known; expected: one of topic, id, many; did you mean 'topic'?"
      ],
      [
        { topic: 'a', __proto__x: 1 },
        "querystring/__proto__x: '__proto__x' is not known; expected: one of topic, id, many"
      ],
      ['text', "querystring/querystring: 'querystring' is 'text'; expected: an object"]
    ] as const)
      t.equal(refusalOf(query), sentence, JSON.stringify(query))
  }
)
