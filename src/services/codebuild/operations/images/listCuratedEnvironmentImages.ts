// ListCuratedEnvironmentImages: the images that AWS curates, by name. They are names here: an engine pulls them if it can.

import type { Handler } from '../../../../operation/handler.ts'

// AWS: the list of the user guide [build-env-ref-available].
const IMAGES = [
  {
    platform: 'AMAZON_LINUX_2',
    images: ['aws/codebuild/amazonlinux2-x86_64-standard:5.0', 'aws/codebuild/amazonlinux2-aarch64-standard:3.0'],
  },
  {
    platform: 'AMAZON_LINUX_2023',
    images: ['aws/codebuild/amazonlinux-x86_64-standard:5.0', 'aws/codebuild/amazonlinux-aarch64-standard:3.0'],
  },
  {
    platform: 'UBUNTU',
    images: ['aws/codebuild/standard:5.0', 'aws/codebuild/standard:6.0', 'aws/codebuild/standard:7.0'],
  },
] as const

export const listCuratedEnvironmentImages: Handler<'codebuild', 'ListCuratedEnvironmentImages'> = async () => {
  const platforms = [
    ...new Set(IMAGES.map(({ platform }) => (platform === 'AMAZON_LINUX_2023' ? 'AMAZON_LINUX_2' : platform))),
  ]
  return {
    platforms: platforms.map(platform => ({
      platform,
      languages: [
        {
          language: 'BASE' as const,
          images: IMAGES.filter(entry => entry.platform.startsWith(platform)).flatMap(entry =>
            entry.images.map(name => ({
              name,
              description: name.replace('aws/codebuild/', 'AWS CodeBuild - '),
              versions: [name],
            })),
          ),
        },
      ],
    })),
  }
}
