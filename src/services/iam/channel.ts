// The notify channel on which every change of IAM is told; its payload is the account.

export const IAM_CHANNEL = 'iam'
