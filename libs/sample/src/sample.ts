/**
 * One value of one topic: `meridian.v1.Sample` of proto/meridian/v1/sample.proto. Site, component, index and
 * topic stand in the subject.
 */
export interface Sample {
  /** When the component published it, TAI seconds. */
  readonly sndStamp: number
  /** When the producer read it, TAI seconds. */
  readonly rcvStamp: number
  /** The writer's own sequence number (private_seqNum). */
  readonly seqNum: number
  /** Process id of the writer (private_origin). */
  readonly origin: number
  /** Name of the writer, `CSC` or `CSC:index` (private_identity); of a process of Meridian its NAME. */
  readonly identity: string
  /** The writer's schema, '' when it gave none. */
  readonly revCode: string
  /** The public fields: one MessagePack map. */
  readonly fields: Uint8Array
  /** The catalogue knows neither the component nor the topic. */
  readonly uncatalogued: boolean
}
