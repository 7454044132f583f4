/** Tags of proto/meridian/v1/sample.proto: field number << 3 | wire type. */
export const SND_STAMP = 0x09
export const RCV_STAMP = 0x11
export const SEQ_NUM = 0x18
export const ORIGIN = 0x20
export const IDENTITY = 0x2a
export const REV_CODE = 0x32
export const FIELDS = 0x3a
export const UNCATALOGUED = 0x40
