export { checkFields } from './check-fields.ts'
export type { FieldSpec, SalType } from './field-spec.ts'
export { decodeFields, type Fields, fieldsToJson, jsonValueOf } from './fields.ts'
export { createFieldsWriter, type FieldsWriter, type FieldsWriterOptions } from './fields-writer.ts'
