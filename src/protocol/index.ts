// What transports and tests use of the protocols.

export { identify, type Refusal, type Target, wantsWholeBody } from './identify.ts'
export { protocols } from './protocols.ts'
export { MAX_BODY, readBody, tooLarge } from './readBody.ts'
export { bucketOfHost } from './rest/s3Address.ts'
export type { Answer, Labels, ServerProtocol } from './serverProtocol.ts'
export { header, type WireRequest, type WireResponse } from './wire.ts'
