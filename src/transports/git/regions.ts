// A git password is signed for a region that nobody sends: these are tried after the likely ones.

const REGIONS = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'eu-west-1',
  'eu-central-1',
  'eu-west-2',
  'eu-west-3',
  'eu-north-1',
  'eu-south-1',
  'eu-south-2',
  'eu-central-2',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-south-2',
  'ap-east-1',
  'sa-east-1',
  'ca-central-1',
  'ca-west-1',
  'me-south-1',
  'me-central-1',
  'af-south-1',
  'il-central-1',
  'us-gov-east-1',
  'us-gov-west-1',
  'cn-north-1',
  'cn-northwest-1',
]

/** The region that AWS's own host names carry: git-codecommit.us-east-2.amazonaws.com. */
export function regionOfHost(host: string): string | undefined {
  return /^git-codecommit(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com/.exec(host)?.[1]
}

/** Every region worth trying, the likeliest first. */
export function regionsToTry(host: string, configured: string): string[] {
  const named = regionOfHost(host)
  return [...new Set([...(named ? [named] : []), configured, ...REGIONS])]
}
