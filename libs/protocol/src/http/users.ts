/** What a user may have: characters of a password and of the name that people read, and roles. */
export const USER_LIMITS = {
  password: { least: 12, most: 256 },
  fullName: 100,
  roles: 20
} as const
