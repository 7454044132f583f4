// What the tests of a small site with keys have in common.

export const SITE = 'small'
/** The admin's word, at the brokers of these tests. */
export const CHANGE_WORD = 'word-of-the-admin-in-this-test-alone'
export const PASSWORD = 'correct horse battery'
/** A command that the simulated mount carries out within seconds. */
export const MOVE = {
  csc: 'MTMount',
  index: 0,
  command: 'moveToTarget',
  params: { azimuth: 10, elevation: 60 }
} as const
