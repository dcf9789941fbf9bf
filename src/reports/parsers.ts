// Which parser reads which format.

import { parseClover } from './coverage/clover.ts'
import { parseCobertura } from './coverage/cobertura.ts'
import { parseJacoco } from './coverage/jacoco.ts'
import { parseLcov } from './coverage/lcov.ts'
import { parseSimplecov } from './coverage/simplecov.ts'
import type { ReportFormat, ReportParser } from './report.ts'
import { parseCucumber } from './tests/cucumber.ts'
import { parseJunit } from './tests/junit.ts'
import { parseNunit } from './tests/nunit.ts'
import { parseNunit3 } from './tests/nunit3.ts'
import { parseTestng } from './tests/testng.ts'
import { parseTrx } from './tests/trx.ts'

const PARSERS: Readonly<Record<ReportFormat, ReportParser>> = {
  JUNITXML: parseJunit,
  NUNITXML: parseNunit,
  NUNIT3XML: parseNunit3,
  CUCUMBERJSON: parseCucumber,
  TESTNGXML: parseTestng,
  VISUALSTUDIOTRX: parseTrx,
  JACOCOXML: parseJacoco,
  SIMPLECOV: parseSimplecov,
  CLOVERXML: parseClover,
  COBERTURAXML: parseCobertura,
  LCOV: parseLcov,
}

export const parserOf = (format: ReportFormat): ReportParser => PARSERS[format]
