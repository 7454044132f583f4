export { type AuditPart, auditPart } from './audit-part.ts'
export { type AuditTrail, createAuditTrail } from './audit-trail.ts'
export type { Refused } from './refusal-event.ts'
