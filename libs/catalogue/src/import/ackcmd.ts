import type { FieldSource, TopicSource } from './sources.ts'

const field = (name: string, type: FieldSource['type'], units = 'unitless'): FieldSource => ({
  name,
  type,
  count: 1,
  units,
  description: ''
})

/**
 * The topic of acknowledgements, which every component has and no interface file describes
 * [docs/sal.md#commands].
 */
export const ackcmd: TopicSource = {
  kind: 'ackcmd',
  name: 'ackcmd',
  description: '',
  fields: [
    field('ack', 'int'),
    field('error', 'int'),
    field('result', 'string'),
    field('identity', 'string'),
    field('origin', 'int'),
    field('cmdtype', 'int'),
    field('timeout', 'double', 'second')
  ],
  place: { file: '', element: 'ackcmd' }
}
