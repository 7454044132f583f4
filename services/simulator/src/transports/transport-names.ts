/** Names that TRANSPORT may have. */
export const transportNames = ['nats-raw', 'sal-kafka'] as const

/** One of them. */
export type TransportName = (typeof transportNames)[number]
