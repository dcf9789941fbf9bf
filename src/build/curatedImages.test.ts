import { expect, test } from 'vitest'
import { imageOf, isCurated } from './curatedImages.ts'

test.each([
  ['node:24', {}, 'node:24'],
  ['aws/codebuild/amazonlinux2-x86_64-standard:5.0', {}, 'public.ecr.aws/codebuild/amazonlinux2-x86_64-standard:5.0'],
  ['aws/codebuild/standard:7.0', {}, 'public.ecr.aws/codebuild/amazonlinux-x86_64-standard:5.0'],
  ['aws/codebuild/standard:7.0', { 'aws/codebuild/standard:7.0': 'mine:1', 'aws/codebuild/*': 'other' }, 'mine:1'],
  ['aws/codebuild/standard:6.0', { 'aws/codebuild/*': 'mirror.local/*' }, 'mirror.local/standard:6.0'],
  ['node:24', { '*': { image: 'mirror.local/*', pull: 'always' } as const }, 'mirror.local/node:24'],
])('%s under %j is %s', (image, overrides, name) => {
  expect(imageOf(image, overrides).name).toBe(name)
})

test('what stands for another image is said, and the pull policy is kept', () => {
  expect(imageOf('node:24').note).toBeUndefined()
  expect(imageOf('a', { a: { image: 'b', pull: 'always' } })).toEqual({
    name: 'b',
    pull: 'always',
    note: 'The image a stands for b here',
  })
  expect([isCurated('aws/codebuild/standard:7.0'), isCurated('node:24'), isCurated(undefined)]).toEqual([
    true,
    false,
    false,
  ])
})
