import { AppError } from '@meridian/errors'

/** Whether a write to a bucket failed because somebody else wrote the key first. */
export const isWrongSequence = (caught: unknown): boolean =>
  AppError.from(caught).code === 'BRK_WRONG_SEQUENCE'
