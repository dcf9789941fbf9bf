// What can happen to an object, in AWS's words for events.

import type { ObjectVersion } from './objects.ts'

export type Change =
  | { readonly type: 'Object Created'; readonly reason: 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload' }
  | {
      readonly type: 'Object Deleted'
      readonly reason: 'DeleteObject' | 'Lifecycle Expiration'
      readonly deletion: 'Permanently Deleted' | 'Delete Marker Created'
    }
  | { readonly type: 'Object Tags Added' | 'Object Tags Deleted'; readonly reason?: undefined }

export type ChangedObject = Pick<ObjectVersion, 'key' | 'size' | 'etag' | 'version_id' | 'position'>

/** Upper-case hex that grows with each change of a key. */
export const sequencer = ({ position }: Pick<ObjectVersion, 'position'>) =>
  position.toString(16).toUpperCase().padStart(16, '0')
