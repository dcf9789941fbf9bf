// What server.ts, tests and the SSH transport use of git's doors.

export { type GitCaller, type GitService, gitService, type OpenedPush } from './gitService.ts'
export { type GitDoorParts, gitHttpDoor } from './httpDoor.ts'
