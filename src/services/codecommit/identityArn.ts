// ARNs of users, roles' sessions and the root, as authors, actors and reactions name them.

export const isIdentityArn = (text: string): boolean => /^arn:[^:\s]+:(?:iam|sts)::\d{12}:\S+$/.test(text)
