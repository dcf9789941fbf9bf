// What server.ts and tests use of the HTTP transport.

export type { ApiParts, Authenticate, Authenticated } from './apiCall.ts'
export { type Certificates, openCertificates } from './certificates.ts'
export type { HttpDoor } from './door.ts'
export { resetDoor } from './resetDoor.ts'
export { createHttpServer, type HttpParts, type HttpServer } from './server.ts'
