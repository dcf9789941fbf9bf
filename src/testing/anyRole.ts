// STS for houses without it: every role may be assumed, by everybody, for as long as a test may take.

/** For the `answers` of a house. */
export const anyRole = {
  'sts.GetCallerIdentity': async () => ({}),
  'sts.AssumeRole': async () => ({
    Credentials: {
      AccessKeyId: 'ASIATEST',
      SecretAccessKey: 'secret-of-role',
      SessionToken: 'token-of-role',
      Expiration: new Date('2100-01-01'),
    },
  }),
}
