// ListCuratedEnvironmentImages: the images that AWS curates, by name. They are names here: an engine pulls them if it can.

import type { Handler } from '../../../../operation/handler.ts'

// AWS: the list of the user guide [build-env-ref-available].
const IMAGES: readonly (readonly ['AMAZON_LINUX' | 'UBUNTU', readonly string[]])[] = [
  [
    'AMAZON_LINUX',
    [
      'aws/codebuild/amazonlinux2-x86_64-standard:4.0',
      'aws/codebuild/amazonlinux2-aarch64-standard:2.0',
      'aws/codebuild/amazonlinux2-aarch64-standard:3.0',
      'aws/codebuild/amazonlinux-x86_64-standard:4.0',
      'aws/codebuild/amazonlinux-x86_64-standard:5.0',
      'aws/codebuild/amazonlinux-x86_64-standard:6.0',
      'aws/codebuild/amazonlinux-x86_64-standard:corretto8',
      'aws/codebuild/amazonlinux-x86_64-standard:corretto11',
      'aws/codebuild/amazonlinux-aarch64-standard:2.0',
      'aws/codebuild/amazonlinux-aarch64-standard:3.0',
    ],
  ],
  [
    'UBUNTU',
    [
      'aws/codebuild/standard:5.0',
      'aws/codebuild/standard:6.0',
      'aws/codebuild/standard:7.0',
      'aws/codebuild/standard:8.0',
    ],
  ],
]

export const listCuratedEnvironmentImages: Handler<'codebuild', 'ListCuratedEnvironmentImages'> = async () => ({
  platforms: IMAGES.map(([platform, names]) => ({
    platform,
    languages: [
      {
        language: 'BASE',
        images: names.map(name => ({ name, description: `AWS ${name.slice(4)}`, versions: [name] })),
      },
    ],
  })),
})
