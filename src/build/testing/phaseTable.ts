// The table of CodeBuild's phases: what a build does for every place where it fails, every on-failure, with finally and without.
// Written from AWS's rules, not from the engine, which has to agree with it in every sandbox:
//
// - Commands run in order; the first that fails skips the rest. `finally` runs after them, whatever they did; the phase is good
//   only when all commands of both are [build-spec-ref, phases/*/finally].
// - Without on-failure a failed INSTALL or PRE_BUILD ends the commands, a failed BUILD is followed by POST_BUILD
//   [view-build-details, phase transitions]; ABORT ends the commands, CONTINUE goes on to the next phase; RETRY tries again (three
//   times, or as often as it says) while the error's message matches; when that is used up it is as if nothing was said [on-failure].
// - UPLOAD_ARTIFACTS is always attempted [view-build-details]. One failed phase makes the build FAILED.
// - CODEBUILD_BUILD_SUCCEEDING is 1, and 0 once the build fails [build-env-ref-env-vars].
//
// A row: what the buildspec says | the commands that run | the phases | the build. Each phase X has the commands x1 x2 x3, and xx xy
// as its finally where it has a `+`. `c`: x2 fails, `f`: xx fails, always or (`*2`) the first two times, with exit status 7. A
// command with ~ runs while CODEBUILD_BUILD_SUCCEEDING is 0. Phases: `+` succeeded, `-` failed, `.` did not run; U is UPLOAD_ARTIFACTS.

import type { CommandPhaseType, EndStatus, PhaseType } from '../phases.ts'

export interface PhaseRow {
  readonly name: string
  readonly phases: Readonly<Record<CommandPhaseType, PhasePlan>>
  /** Commands in the order in which they run, with ~ while the build is failing. */
  readonly ran: readonly string[]
  /** The phases with their ends, those that did not run left out. */
  readonly ended: readonly { readonly phase: PhaseType; readonly status: EndStatus }[]
  readonly status: EndStatus
  readonly uploads: boolean
}

export interface PhasePlan {
  readonly onFailure: string | undefined
  readonly commands: readonly string[]
  readonly finally: readonly string[]
  /** The commands that fail. */
  readonly failing: readonly string[]
  /** How often they do; always without it. */
  readonly times: number | undefined
}

const LETTERS = { I: 'INSTALL', P: 'PRE_BUILD', B: 'BUILD', O: 'POST_BUILD', U: 'UPLOAD_ARTIFACTS' } as const

const TABLE = `
- | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 o3 | I+P+B+O+U+ | SUCCEEDED
I:+, P:+, B:+, O:+ | i1 i2 i3 ix iy p1 p2 p3 px py b1 b2 b3 bx by o1 o2 o3 ox oy | I+P+B+O+U+ | SUCCEEDED
I: ABORT, P: ABORT, B: ABORT, O: ABORT | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 o3 | I+P+B+O+U+ | SUCCEEDED
I:+ ABORT, P:+ ABORT, B:+ ABORT, O:+ ABORT | i1 i2 i3 ix iy p1 p2 p3 px py b1 b2 b3 bx by o1 o2 o3 ox oy | I+P+B+O+U+ | SUCCEEDED
I: CONTINUE, P: CONTINUE, B: CONTINUE, O: CONTINUE | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 o3 | I+P+B+O+U+ | SUCCEEDED
I:+ CONTINUE, P:+ CONTINUE, B:+ CONTINUE, O:+ CONTINUE | i1 i2 i3 ix iy p1 p2 p3 px py b1 b2 b3 bx by o1 o2 o3 ox oy | I+P+B+O+U+ | SUCCEEDED
I: RETRY, P: RETRY, B: RETRY, O: RETRY | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 o3 | I+P+B+O+U+ | SUCCEEDED
I:+ RETRY, P:+ RETRY, B:+ RETRY, O:+ RETRY | i1 i2 i3 ix iy p1 p2 p3 px py b1 b2 b3 bx by o1 o2 o3 ox oy | I+P+B+O+U+ | SUCCEEDED
I:c | i1 i2 | I-P.B.O.U+ | FAILED
I:c ABORT | i1 i2 | I-P.B.O.U+ | FAILED
I:c CONTINUE | i1 i2 ~p1 ~p2 ~p3 ~b1 ~b2 ~b3 ~o1 ~o2 ~o3 | I-P+B+O+U+ | FAILED
I:c RETRY | i1 i2 i1 i2 i1 i2 i1 i2 | I-P.B.O.U+ | FAILED
I:c RETRY-1 | i1 i2 i1 i2 | I-P.B.O.U+ | FAILED
I:c RETRY-0 | i1 i2 | I-P.B.O.U+ | FAILED
I:c RETRY-.*exit status 7.* | i1 i2 i1 i2 i1 i2 i1 i2 | I-P.B.O.U+ | FAILED
I:c RETRY-2-.*exit status 9.* | i1 i2 | I-P.B.O.U+ | FAILED
I:c+ | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ ABORT | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ CONTINUE | i1 i2 ~ix ~iy ~p1 ~p2 ~p3 ~b1 ~b2 ~b3 ~o1 ~o2 ~o3 | I-P+B+O+U+ | FAILED
I:c+ RETRY | i1 i2 ~ix ~iy i1 i2 ~ix ~iy i1 i2 ~ix ~iy i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ RETRY-1 | i1 i2 ~ix ~iy i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ RETRY-0 | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ RETRY-.*exit status 7.* | i1 i2 ~ix ~iy i1 i2 ~ix ~iy i1 i2 ~ix ~iy i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ RETRY-2-.*exit status 9.* | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:f+ | i1 i2 i3 ix ~iy | I-P.B.O.U+ | FAILED
I:f+ ABORT | i1 i2 i3 ix ~iy | I-P.B.O.U+ | FAILED
I:f+ CONTINUE | i1 i2 i3 ix ~iy ~p1 ~p2 ~p3 ~b1 ~b2 ~b3 ~o1 ~o2 ~o3 | I-P+B+O+U+ | FAILED
I:f+ RETRY | i1 i2 i3 ix ~iy i1 i2 i3 ix ~iy i1 i2 i3 ix ~iy i1 i2 i3 ix ~iy | I-P.B.O.U+ | FAILED
I:f+ RETRY-1 | i1 i2 i3 ix ~iy i1 i2 i3 ix ~iy | I-P.B.O.U+ | FAILED
I:f+ RETRY-0 | i1 i2 i3 ix ~iy | I-P.B.O.U+ | FAILED
I:f+ RETRY-.*exit status 7.* | i1 i2 i3 ix ~iy i1 i2 i3 ix ~iy i1 i2 i3 ix ~iy i1 i2 i3 ix ~iy | I-P.B.O.U+ | FAILED
I:f+ RETRY-2-.*exit status 9.* | i1 i2 i3 ix ~iy | I-P.B.O.U+ | FAILED
I:cf+ | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:cf+ ABORT | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:cf+ CONTINUE | i1 i2 ~ix ~iy ~p1 ~p2 ~p3 ~b1 ~b2 ~b3 ~o1 ~o2 ~o3 | I-P+B+O+U+ | FAILED
I:cf+ RETRY | i1 i2 ~ix ~iy i1 i2 ~ix ~iy i1 i2 ~ix ~iy i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:cf+ RETRY-1 | i1 i2 ~ix ~iy i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:cf+ RETRY-0 | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:cf+ RETRY-.*exit status 7.* | i1 i2 ~ix ~iy i1 i2 ~ix ~iy i1 i2 ~ix ~iy i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:cf+ RETRY-2-.*exit status 9.* | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
P:c | i1 i2 i3 p1 p2 | I+P-B.O.U+ | FAILED
P:c ABORT | i1 i2 i3 p1 p2 | I+P-B.O.U+ | FAILED
P:c CONTINUE | i1 i2 i3 p1 p2 ~b1 ~b2 ~b3 ~o1 ~o2 ~o3 | I+P-B+O+U+ | FAILED
P:c RETRY | i1 i2 i3 p1 p2 p1 p2 p1 p2 p1 p2 | I+P-B.O.U+ | FAILED
P:c RETRY-1 | i1 i2 i3 p1 p2 p1 p2 | I+P-B.O.U+ | FAILED
P:c RETRY-0 | i1 i2 i3 p1 p2 | I+P-B.O.U+ | FAILED
P:c RETRY-.*exit status 7.* | i1 i2 i3 p1 p2 p1 p2 p1 p2 p1 p2 | I+P-B.O.U+ | FAILED
P:c RETRY-2-.*exit status 9.* | i1 i2 i3 p1 p2 | I+P-B.O.U+ | FAILED
P:c+ | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+ ABORT | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+ CONTINUE | i1 i2 i3 p1 p2 ~px ~py ~b1 ~b2 ~b3 ~o1 ~o2 ~o3 | I+P-B+O+U+ | FAILED
P:c+ RETRY | i1 i2 i3 p1 p2 ~px ~py p1 p2 ~px ~py p1 p2 ~px ~py p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+ RETRY-1 | i1 i2 i3 p1 p2 ~px ~py p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+ RETRY-0 | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+ RETRY-.*exit status 7.* | i1 i2 i3 p1 p2 ~px ~py p1 p2 ~px ~py p1 p2 ~px ~py p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+ RETRY-2-.*exit status 9.* | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:f+ | i1 i2 i3 p1 p2 p3 px ~py | I+P-B.O.U+ | FAILED
P:f+ ABORT | i1 i2 i3 p1 p2 p3 px ~py | I+P-B.O.U+ | FAILED
P:f+ CONTINUE | i1 i2 i3 p1 p2 p3 px ~py ~b1 ~b2 ~b3 ~o1 ~o2 ~o3 | I+P-B+O+U+ | FAILED
P:f+ RETRY | i1 i2 i3 p1 p2 p3 px ~py p1 p2 p3 px ~py p1 p2 p3 px ~py p1 p2 p3 px ~py | I+P-B.O.U+ | FAILED
P:f+ RETRY-1 | i1 i2 i3 p1 p2 p3 px ~py p1 p2 p3 px ~py | I+P-B.O.U+ | FAILED
P:f+ RETRY-0 | i1 i2 i3 p1 p2 p3 px ~py | I+P-B.O.U+ | FAILED
P:f+ RETRY-.*exit status 7.* | i1 i2 i3 p1 p2 p3 px ~py p1 p2 p3 px ~py p1 p2 p3 px ~py p1 p2 p3 px ~py | I+P-B.O.U+ | FAILED
P:f+ RETRY-2-.*exit status 9.* | i1 i2 i3 p1 p2 p3 px ~py | I+P-B.O.U+ | FAILED
P:cf+ | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:cf+ ABORT | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:cf+ CONTINUE | i1 i2 i3 p1 p2 ~px ~py ~b1 ~b2 ~b3 ~o1 ~o2 ~o3 | I+P-B+O+U+ | FAILED
P:cf+ RETRY | i1 i2 i3 p1 p2 ~px ~py p1 p2 ~px ~py p1 p2 ~px ~py p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:cf+ RETRY-1 | i1 i2 i3 p1 p2 ~px ~py p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:cf+ RETRY-0 | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:cf+ RETRY-.*exit status 7.* | i1 i2 i3 p1 p2 ~px ~py p1 p2 ~px ~py p1 p2 ~px ~py p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:cf+ RETRY-2-.*exit status 9.* | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
B:c | i1 i2 i3 p1 p2 p3 b1 b2 ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:c ABORT | i1 i2 i3 p1 p2 p3 b1 b2 | I+P+B-O.U+ | FAILED
B:c CONTINUE | i1 i2 i3 p1 p2 p3 b1 b2 ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:c RETRY | i1 i2 i3 p1 p2 p3 b1 b2 b1 b2 b1 b2 b1 b2 ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:c RETRY-1 | i1 i2 i3 p1 p2 p3 b1 b2 b1 b2 ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:c RETRY-0 | i1 i2 i3 p1 p2 p3 b1 b2 ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:c RETRY-.*exit status 7.* | i1 i2 i3 p1 p2 p3 b1 b2 b1 b2 b1 b2 b1 b2 ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:c RETRY-2-.*exit status 9.* | i1 i2 i3 p1 p2 p3 b1 b2 ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:c+ | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:c+ ABORT | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by | I+P+B-O.U+ | FAILED
B:c+ CONTINUE | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:c+ RETRY | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by b1 b2 ~bx ~by b1 b2 ~bx ~by b1 b2 ~bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:c+ RETRY-1 | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by b1 b2 ~bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:c+ RETRY-0 | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:c+ RETRY-.*exit status 7.* | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by b1 b2 ~bx ~by b1 b2 ~bx ~by b1 b2 ~bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:c+ RETRY-2-.*exit status 9.* | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:f+ | i1 i2 i3 p1 p2 p3 b1 b2 b3 bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:f+ ABORT | i1 i2 i3 p1 p2 p3 b1 b2 b3 bx ~by | I+P+B-O.U+ | FAILED
B:f+ CONTINUE | i1 i2 i3 p1 p2 p3 b1 b2 b3 bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:f+ RETRY | i1 i2 i3 p1 p2 p3 b1 b2 b3 bx ~by b1 b2 b3 bx ~by b1 b2 b3 bx ~by b1 b2 b3 bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:f+ RETRY-1 | i1 i2 i3 p1 p2 p3 b1 b2 b3 bx ~by b1 b2 b3 bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:f+ RETRY-0 | i1 i2 i3 p1 p2 p3 b1 b2 b3 bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:f+ RETRY-.*exit status 7.* | i1 i2 i3 p1 p2 p3 b1 b2 b3 bx ~by b1 b2 b3 bx ~by b1 b2 b3 bx ~by b1 b2 b3 bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:f+ RETRY-2-.*exit status 9.* | i1 i2 i3 p1 p2 p3 b1 b2 b3 bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:cf+ | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:cf+ ABORT | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by | I+P+B-O.U+ | FAILED
B:cf+ CONTINUE | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:cf+ RETRY | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by b1 b2 ~bx ~by b1 b2 ~bx ~by b1 b2 ~bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:cf+ RETRY-1 | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by b1 b2 ~bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:cf+ RETRY-0 | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:cf+ RETRY-.*exit status 7.* | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by b1 b2 ~bx ~by b1 b2 ~bx ~by b1 b2 ~bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:cf+ RETRY-2-.*exit status 9.* | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
O:c | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 | I+P+B+O-U+ | FAILED
O:c ABORT | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 | I+P+B+O-U+ | FAILED
O:c CONTINUE | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 | I+P+B+O-U+ | FAILED
O:c RETRY | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 o1 o2 o1 o2 o1 o2 | I+P+B+O-U+ | FAILED
O:c RETRY-1 | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 o1 o2 | I+P+B+O-U+ | FAILED
O:c RETRY-0 | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 | I+P+B+O-U+ | FAILED
O:c RETRY-.*exit status 7.* | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 o1 o2 o1 o2 o1 o2 | I+P+B+O-U+ | FAILED
O:c RETRY-2-.*exit status 9.* | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 | I+P+B+O-U+ | FAILED
O:c+ | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy | I+P+B+O-U+ | FAILED
O:c+ ABORT | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy | I+P+B+O-U+ | FAILED
O:c+ CONTINUE | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy | I+P+B+O-U+ | FAILED
O:c+ RETRY | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy o1 o2 ~ox ~oy o1 o2 ~ox ~oy o1 o2 ~ox ~oy | I+P+B+O-U+ | FAILED
O:c+ RETRY-1 | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy o1 o2 ~ox ~oy | I+P+B+O-U+ | FAILED
O:c+ RETRY-0 | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy | I+P+B+O-U+ | FAILED
O:c+ RETRY-.*exit status 7.* | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy o1 o2 ~ox ~oy o1 o2 ~ox ~oy o1 o2 ~ox ~oy | I+P+B+O-U+ | FAILED
O:c+ RETRY-2-.*exit status 9.* | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy | I+P+B+O-U+ | FAILED
O:f+ | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 o3 ox ~oy | I+P+B+O-U+ | FAILED
O:f+ ABORT | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 o3 ox ~oy | I+P+B+O-U+ | FAILED
O:f+ CONTINUE | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 o3 ox ~oy | I+P+B+O-U+ | FAILED
O:f+ RETRY | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 o3 ox ~oy o1 o2 o3 ox ~oy o1 o2 o3 ox ~oy o1 o2 o3 ox ~oy | I+P+B+O-U+ | FAILED
O:f+ RETRY-1 | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 o3 ox ~oy o1 o2 o3 ox ~oy | I+P+B+O-U+ | FAILED
O:f+ RETRY-0 | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 o3 ox ~oy | I+P+B+O-U+ | FAILED
O:f+ RETRY-.*exit status 7.* | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 o3 ox ~oy o1 o2 o3 ox ~oy o1 o2 o3 ox ~oy o1 o2 o3 ox ~oy | I+P+B+O-U+ | FAILED
O:f+ RETRY-2-.*exit status 9.* | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 o3 ox ~oy | I+P+B+O-U+ | FAILED
O:cf+ | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy | I+P+B+O-U+ | FAILED
O:cf+ ABORT | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy | I+P+B+O-U+ | FAILED
O:cf+ CONTINUE | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy | I+P+B+O-U+ | FAILED
O:cf+ RETRY | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy o1 o2 ~ox ~oy o1 o2 ~ox ~oy o1 o2 ~ox ~oy | I+P+B+O-U+ | FAILED
O:cf+ RETRY-1 | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy o1 o2 ~ox ~oy | I+P+B+O-U+ | FAILED
O:cf+ RETRY-0 | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy | I+P+B+O-U+ | FAILED
O:cf+ RETRY-.*exit status 7.* | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy o1 o2 ~ox ~oy o1 o2 ~ox ~oy o1 o2 ~ox ~oy | I+P+B+O-U+ | FAILED
O:cf+ RETRY-2-.*exit status 9.* | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy | I+P+B+O-U+ | FAILED
I:c*1 RETRY | i1 i2 i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 o3 | I+P+B+O+U+ | SUCCEEDED
I:f*1+ RETRY-1 | i1 i2 i3 ix ~iy i1 i2 i3 ix iy p1 p2 p3 b1 b2 b3 o1 o2 o3 | I+P+B+O+U+ | SUCCEEDED
I:c*2+ RETRY-1 | i1 i2 ~ix ~iy i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:cf*3+ RETRY | i1 i2 ~ix ~iy i1 i2 ~ix ~iy i1 i2 ~ix ~iy i1 i2 i3 ix iy p1 p2 p3 b1 b2 b3 o1 o2 o3 | I+P+B+O+U+ | SUCCEEDED
I:c*1+ RETRY-1-.*exit status 7.* | i1 i2 ~ix ~iy i1 i2 i3 ix iy p1 p2 p3 b1 b2 b3 o1 o2 o3 | I+P+B+O+U+ | SUCCEEDED
I:c*1+ RETRY-5-.*exit status 9.* | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
P:c*1 RETRY | i1 i2 i3 p1 p2 p1 p2 p3 b1 b2 b3 o1 o2 o3 | I+P+B+O+U+ | SUCCEEDED
P:f*1+ RETRY-1 | i1 i2 i3 p1 p2 p3 px ~py p1 p2 p3 px py b1 b2 b3 o1 o2 o3 | I+P+B+O+U+ | SUCCEEDED
P:c*2+ RETRY-1 | i1 i2 i3 p1 p2 ~px ~py p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:cf*3+ RETRY | i1 i2 i3 p1 p2 ~px ~py p1 p2 ~px ~py p1 p2 ~px ~py p1 p2 p3 px py b1 b2 b3 o1 o2 o3 | I+P+B+O+U+ | SUCCEEDED
P:c*1+ RETRY-1-.*exit status 7.* | i1 i2 i3 p1 p2 ~px ~py p1 p2 p3 px py b1 b2 b3 o1 o2 o3 | I+P+B+O+U+ | SUCCEEDED
P:c*1+ RETRY-5-.*exit status 9.* | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
B:c*1 RETRY | i1 i2 i3 p1 p2 p3 b1 b2 b1 b2 b3 o1 o2 o3 | I+P+B+O+U+ | SUCCEEDED
B:f*1+ RETRY-1 | i1 i2 i3 p1 p2 p3 b1 b2 b3 bx ~by b1 b2 b3 bx by o1 o2 o3 | I+P+B+O+U+ | SUCCEEDED
B:c*2+ RETRY-1 | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by b1 b2 ~bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
B:cf*3+ RETRY | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by b1 b2 ~bx ~by b1 b2 ~bx ~by b1 b2 b3 bx by o1 o2 o3 | I+P+B+O+U+ | SUCCEEDED
B:c*1+ RETRY-1-.*exit status 7.* | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by b1 b2 b3 bx by o1 o2 o3 | I+P+B+O+U+ | SUCCEEDED
B:c*1+ RETRY-5-.*exit status 9.* | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by ~o1 ~o2 ~o3 | I+P+B-O+U+ | FAILED
O:c*1 RETRY | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 o1 o2 o3 | I+P+B+O+U+ | SUCCEEDED
O:f*1+ RETRY-1 | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 o3 ox ~oy o1 o2 o3 ox oy | I+P+B+O+U+ | SUCCEEDED
O:c*2+ RETRY-1 | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy o1 o2 ~ox ~oy | I+P+B+O-U+ | FAILED
O:cf*3+ RETRY | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy o1 o2 ~ox ~oy o1 o2 ~ox ~oy o1 o2 o3 ox oy | I+P+B+O+U+ | SUCCEEDED
O:c*1+ RETRY-1-.*exit status 7.* | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy o1 o2 o3 ox oy | I+P+B+O+U+ | SUCCEEDED
O:c*1+ RETRY-5-.*exit status 9.* | i1 i2 i3 p1 p2 p3 b1 b2 b3 o1 o2 ~ox ~oy | I+P+B+O-U+ | FAILED
I:c+, P:c+ | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+, P:f+ ABORT | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+, P:c+ CONTINUE | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ ABORT, P:c+ | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ ABORT, P:f+ ABORT | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ ABORT, P:c+ CONTINUE | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ CONTINUE, P:c+ | i1 i2 ~ix ~iy ~p1 ~p2 ~px ~py | I-P-B.O.U+ | FAILED
I:c+ CONTINUE, P:f+ ABORT | i1 i2 ~ix ~iy ~p1 ~p2 ~p3 ~px ~py | I-P-B.O.U+ | FAILED
I:c+ CONTINUE, P:c+ CONTINUE | i1 i2 ~ix ~iy ~p1 ~p2 ~px ~py ~b1 ~b2 ~b3 ~o1 ~o2 ~o3 | I-P-B+O+U+ | FAILED
I:c+ RETRY-1, P:c+ | i1 i2 ~ix ~iy i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ RETRY-1, P:f+ ABORT | i1 i2 ~ix ~iy i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ RETRY-1, P:c+ CONTINUE | i1 i2 ~ix ~iy i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+, B:c+ | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+, B:f+ ABORT | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+, B:c+ CONTINUE | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ ABORT, B:c+ | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ ABORT, B:f+ ABORT | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ ABORT, B:c+ CONTINUE | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ CONTINUE, B:c+ | i1 i2 ~ix ~iy ~p1 ~p2 ~p3 ~b1 ~b2 ~bx ~by ~o1 ~o2 ~o3 | I-P+B-O+U+ | FAILED
I:c+ CONTINUE, B:f+ ABORT | i1 i2 ~ix ~iy ~p1 ~p2 ~p3 ~b1 ~b2 ~b3 ~bx ~by | I-P+B-O.U+ | FAILED
I:c+ CONTINUE, B:c+ CONTINUE | i1 i2 ~ix ~iy ~p1 ~p2 ~p3 ~b1 ~b2 ~bx ~by ~o1 ~o2 ~o3 | I-P+B-O+U+ | FAILED
I:c+ RETRY-1, B:c+ | i1 i2 ~ix ~iy i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ RETRY-1, B:f+ ABORT | i1 i2 ~ix ~iy i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ RETRY-1, B:c+ CONTINUE | i1 i2 ~ix ~iy i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+, O:c+ | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+, O:f+ ABORT | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+, O:c+ CONTINUE | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ ABORT, O:c+ | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ ABORT, O:f+ ABORT | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ ABORT, O:c+ CONTINUE | i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ CONTINUE, O:c+ | i1 i2 ~ix ~iy ~p1 ~p2 ~p3 ~b1 ~b2 ~b3 ~o1 ~o2 ~ox ~oy | I-P+B+O-U+ | FAILED
I:c+ CONTINUE, O:f+ ABORT | i1 i2 ~ix ~iy ~p1 ~p2 ~p3 ~b1 ~b2 ~b3 ~o1 ~o2 ~o3 ~ox ~oy | I-P+B+O-U+ | FAILED
I:c+ CONTINUE, O:c+ CONTINUE | i1 i2 ~ix ~iy ~p1 ~p2 ~p3 ~b1 ~b2 ~b3 ~o1 ~o2 ~ox ~oy | I-P+B+O-U+ | FAILED
I:c+ RETRY-1, O:c+ | i1 i2 ~ix ~iy i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ RETRY-1, O:f+ ABORT | i1 i2 ~ix ~iy i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
I:c+ RETRY-1, O:c+ CONTINUE | i1 i2 ~ix ~iy i1 i2 ~ix ~iy | I-P.B.O.U+ | FAILED
P:c+, B:c+ | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+, B:f+ ABORT | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+, B:c+ CONTINUE | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+ ABORT, B:c+ | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+ ABORT, B:f+ ABORT | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+ ABORT, B:c+ CONTINUE | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+ CONTINUE, B:c+ | i1 i2 i3 p1 p2 ~px ~py ~b1 ~b2 ~bx ~by ~o1 ~o2 ~o3 | I+P-B-O+U+ | FAILED
P:c+ CONTINUE, B:f+ ABORT | i1 i2 i3 p1 p2 ~px ~py ~b1 ~b2 ~b3 ~bx ~by | I+P-B-O.U+ | FAILED
P:c+ CONTINUE, B:c+ CONTINUE | i1 i2 i3 p1 p2 ~px ~py ~b1 ~b2 ~bx ~by ~o1 ~o2 ~o3 | I+P-B-O+U+ | FAILED
P:c+ RETRY-1, B:c+ | i1 i2 i3 p1 p2 ~px ~py p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+ RETRY-1, B:f+ ABORT | i1 i2 i3 p1 p2 ~px ~py p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+ RETRY-1, B:c+ CONTINUE | i1 i2 i3 p1 p2 ~px ~py p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+, O:c+ | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+, O:f+ ABORT | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+, O:c+ CONTINUE | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+ ABORT, O:c+ | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+ ABORT, O:f+ ABORT | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+ ABORT, O:c+ CONTINUE | i1 i2 i3 p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+ CONTINUE, O:c+ | i1 i2 i3 p1 p2 ~px ~py ~b1 ~b2 ~b3 ~o1 ~o2 ~ox ~oy | I+P-B+O-U+ | FAILED
P:c+ CONTINUE, O:f+ ABORT | i1 i2 i3 p1 p2 ~px ~py ~b1 ~b2 ~b3 ~o1 ~o2 ~o3 ~ox ~oy | I+P-B+O-U+ | FAILED
P:c+ CONTINUE, O:c+ CONTINUE | i1 i2 i3 p1 p2 ~px ~py ~b1 ~b2 ~b3 ~o1 ~o2 ~ox ~oy | I+P-B+O-U+ | FAILED
P:c+ RETRY-1, O:c+ | i1 i2 i3 p1 p2 ~px ~py p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+ RETRY-1, O:f+ ABORT | i1 i2 i3 p1 p2 ~px ~py p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
P:c+ RETRY-1, O:c+ CONTINUE | i1 i2 i3 p1 p2 ~px ~py p1 p2 ~px ~py | I+P-B.O.U+ | FAILED
B:c+, O:c+ | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by ~o1 ~o2 ~ox ~oy | I+P+B-O-U+ | FAILED
B:c+, O:f+ ABORT | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by ~o1 ~o2 ~o3 ~ox ~oy | I+P+B-O-U+ | FAILED
B:c+, O:c+ CONTINUE | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by ~o1 ~o2 ~ox ~oy | I+P+B-O-U+ | FAILED
B:c+ ABORT, O:c+ | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by | I+P+B-O.U+ | FAILED
B:c+ ABORT, O:f+ ABORT | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by | I+P+B-O.U+ | FAILED
B:c+ ABORT, O:c+ CONTINUE | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by | I+P+B-O.U+ | FAILED
B:c+ CONTINUE, O:c+ | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by ~o1 ~o2 ~ox ~oy | I+P+B-O-U+ | FAILED
B:c+ CONTINUE, O:f+ ABORT | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by ~o1 ~o2 ~o3 ~ox ~oy | I+P+B-O-U+ | FAILED
B:c+ CONTINUE, O:c+ CONTINUE | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by ~o1 ~o2 ~ox ~oy | I+P+B-O-U+ | FAILED
B:c+ RETRY-1, O:c+ | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by b1 b2 ~bx ~by ~o1 ~o2 ~ox ~oy | I+P+B-O-U+ | FAILED
B:c+ RETRY-1, O:f+ ABORT | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by b1 b2 ~bx ~by ~o1 ~o2 ~o3 ~ox ~oy | I+P+B-O-U+ | FAILED
B:c+ RETRY-1, O:c+ CONTINUE | i1 i2 i3 p1 p2 p3 b1 b2 ~bx ~by b1 b2 ~bx ~by ~o1 ~o2 ~ox ~oy | I+P+B-O-U+ | FAILED
`

export const PHASE_ROWS: readonly PhaseRow[] = TABLE.trim()
  .split('\n')
  .map(line => {
    const [said, ran, ended, status] = line.split(' | ') as [string, string, string, EndStatus]
    return {
      name: said,
      phases: Object.fromEntries(
        (['I', 'P', 'B', 'O'] as const).map(letter => [LETTERS[letter], planOf(letter, said)]),
      ) as PhaseRow['phases'],
      ran: ran.split(' '),
      ended: [...ended.matchAll(/(\w)([+-])/g)].map(([, letter, end]) => ({
        phase: LETTERS[letter as keyof typeof LETTERS],
        status: end === '+' ? 'SUCCEEDED' : 'FAILED',
      })),
      status,
      uploads: ended.includes('U+'),
    }
  })

function planOf(letter: string, said: string): PhasePlan {
  const found = said.split(', ').find(part => part.startsWith(`${letter}:`))
  const [, fails, times, withFinally, onFailure] =
    /^.:([cf]*)(?:\*(\d))?(\+?)(?: (.+))?$/.exec(found ?? `${letter}:`) ?? []
  const x = letter.toLowerCase()
  return {
    onFailure,
    commands: [`${x}1`, `${x}2`, `${x}3`],
    finally: withFinally ? [`${x}x`, `${x}y`] : [],
    failing: [...(fails?.includes('c') ? [`${x}2`] : []), ...(fails?.includes('f') ? [`${x}x`] : [])],
    times: times === undefined ? undefined : Number(times),
  }
}

/** How the row's commands are written: they say their name and CODEBUILD_BUILD_SUCCEEDING, then some fail. */
export function buildspecOf(row: PhaseRow): string {
  const phases = Object.entries(row.phases).map(([phase, plan]) => {
    const command = (name: string) => {
      const says = `echo "=${name}=$CODEBUILD_BUILD_SUCCEEDING"`
      if (!plan.failing.includes(name)) return says
      if (plan.times === undefined) return `${says}; (exit 7)`
      return `${says}; echo >> ../n${name}; if [ $(wc -l < ../n${name}) -le ${plan.times} ]; then (exit 7); fi`
    }
    return [
      phase.toLowerCase(),
      {
        'on-failure': plan.onFailure,
        commands: plan.commands.map(command),
        ...(plan.finally.length > 0 && { finally: plan.finally.map(command) }),
      },
    ]
  })
  return JSON.stringify({ version: '0.2', phases: Object.fromEntries(phases), artifacts: { files: ['kept.txt'] } })
}

/** What ran, from the output of such commands. */
export const ranIn = (log: string): string[] =>
  [...log.matchAll(/^=(\w\w)=([01])$/gm)].map(([, name, good]) => (good === '1' ? name! : `~${name}`))
