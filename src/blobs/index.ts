// Where object bytes are kept: in a directory, or in a bucket of an S3-compatible store.

export type { Blob, BlobStore } from './blobStore.ts'
export { fileBlobs } from './fileBlobs.ts'
export { s3Blobs } from './s3Blobs.ts'
