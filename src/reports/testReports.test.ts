// What each tool's own output becomes, also when it comes byte by byte.

import { expect, test } from 'vitest'
import type { ReportFormat } from './report.ts'
import { collect, lines } from './testing/reading.ts'

interface Sample {
  readonly tool: string
  readonly format: ReportFormat
  readonly text: string
  readonly expected: readonly string[]
}

const SAMPLES: readonly Sample[] = [
  {
    tool: 'Surefire',
    format: 'JUNITXML',
    text: `<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="com.shop.CartTest" time="1,034.5" tests="5" errors="1" skipped="1" failures="1">
  <properties><property name="java.home" value="/usr/lib/jvm &amp; more"/></properties>
  <testcase name="adds" classname="com.shop.CartTest" time="0.012"/>
  <testcase name="removes &lt;last&gt;" classname="com.shop.CartTest" time="1,002.5">
    <failure message="expected: &lt;1&gt; but was: &lt;2&gt;" type="org.opentest4j.AssertionFailedError"><![CDATA[org.opentest4j.AssertionFailedError: expected: <1> but was: <2>
	at com.shop.CartTest.removes(CartTest.java:17)]]></failure>
    <system-out><![CDATA[noise]]></system-out>
  </testcase>
  <testcase name="breaks" classname="com.shop.CartTest" time="0"><error type="java.lang.NullPointerException">java.lang.NullPointerException</error></testcase>
  <testcase name="later" classname="com.shop.CartTest" time="0"><skipped message="not yet"/></testcase>
  <testcase name="flaky" classname="com.shop.CartTest" time="0.5"><flakyFailure message="once" type="x">trace</flakyFailure></testcase>
</testsuite>`,
    expected: [
      'SUCCEEDED com.shop.CartTest|com.shop.CartTest|adds 12000000',
      'FAILED com.shop.CartTest|com.shop.CartTest|removes <last> 1002500000000: org.opentest4j.AssertionFailedError: expected: <1> but was: <2>~	at com.shop.CartTest.removes(CartTest.java:17)',
      'ERROR com.shop.CartTest|com.shop.CartTest|breaks 0: java.lang.NullPointerException',
      'SKIPPED com.shop.CartTest|com.shop.CartTest|later 0: not yet',
      'SUCCEEDED com.shop.CartTest|com.shop.CartTest|flaky 500000000',
    ],
  },
  {
    tool: 'pytest',
    format: 'JUNITXML',
    text: `<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" errors="0" failures="1" skipped="0" tests="2" time="0.042" timestamp="2024-05-01T10:00:00.000000" hostname="ci"><testcase classname="tests.test_math" name="test_add" time="0.001" /><testcase classname="tests.test_math" name="test_\u00fcber[\u20ac]" time="0.002"><failure message="assert 1 == 2">def test():
&gt;       assert 1 == 2
E       assert 1 == 2</failure></testcase></testsuite></testsuites>`,
    expected: [
      'SUCCEEDED pytest|tests.test_math|test_add 1000000',
      'FAILED pytest|tests.test_math|test_\u00fcber[\u20ac] 2000000: def test():~>       assert 1 == 2~E       assert 1 == 2',
    ],
  },
  {
    tool: 'gtest and node:test',
    format: 'JUNITXML',
    text: `<testsuites name="AllTests"><testsuite name="Outer"><testsuite name="Inner"><testcase name="off" status="notrun" time="0" classname="Inner"/></testsuite><testcase name="on" time="0.000001" classname="Outer"/></testsuite><testcase name="top" time="0.25" classname="test"/></testsuites>`,
    expected: ['SKIPPED Inner|Inner|off 0', 'SUCCEEDED Outer|Outer|on 1000', 'SUCCEEDED |test|top 250000000'],
  },
  {
    tool: 'NUnit 2',
    format: 'NUNITXML',
    text: `<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!--This file represents the results of running a test suite-->
<test-results name="mock.dll" total="4" errors="0" failures="1" not-run="1" date="2010-10-18" time="13:23:35">
  <environment nunit-version="2.5.8.0" clr-version="2.0.50727.1433" />
  <test-suite type="Assembly" name="mock.dll" executed="True" result="Failure" success="False" time="0.094">
    <results><test-suite type="TestFixture" name="MockFixture" executed="True" result="Failure"><results>
      <test-case name="NUnit.Tests.MockFixture.Failing" executed="True" result="Failure" success="False" time="0.016" asserts="0">
        <failure><message><![CDATA[Intentional failure]]></message><stack-trace><![CDATA[at NUnit.Tests.MockFixture.Failing()]]></stack-trace></failure>
      </test-case>
      <test-case name="NUnit.Tests.MockFixture.Works(1.5,&quot;a.b&quot;)" executed="True" result="Success" success="True" time="0.000" asserts="0" />
      <test-case name="NUnit.Tests.MockFixture.Ignored" executed="False" result="Ignored"><reason><message><![CDATA[ignoring]]></message></reason></test-case>
      <test-case name="NUnit.Tests.MockFixture.Old" executed="True" success="True" time="1"/>
    </results></test-suite></results>
  </test-suite>
</test-results>`,
    expected: [
      'FAILED MockFixture|NUnit.Tests.MockFixture|Failing 16000000: Intentional failure~at NUnit.Tests.MockFixture.Failing()',
      'SUCCEEDED MockFixture|NUnit.Tests.MockFixture|Works(1.5,"a.b") 0',
      'SKIPPED MockFixture|NUnit.Tests.MockFixture|Ignored 0: ignoring',
      'SUCCEEDED MockFixture|NUnit.Tests.MockFixture|Old 1000000000',
    ],
  },
  {
    tool: 'NUnit 3',
    format: 'NUNIT3XML',
    text: `<?xml version="1.0" encoding="utf-16" standalone="no"?>
<test-run id="2" testcasecount="4" result="Failed" total="4"><command-line><![CDATA[nunit3-console mock.dll]]></command-line>
 <test-suite type="Assembly" name="mock.dll" fullname="/src/mock.dll"><test-suite type="TestFixture" name="Mock" fullname="Tests.Mock">
  <test-case id="1" name="Fails" fullname="Tests.Mock.Fails" methodname="Fails" classname="Tests.Mock" result="Failed" duration="0.1"><failure><message><![CDATA[Expected 1]]></message><stack-trace><![CDATA[at Tests]]></stack-trace></failure><assertions><assertion result="Failed"><message>again</message></assertion></assertions></test-case>
  <test-case id="2" name="Throws" fullname="Tests.Mock.Throws" classname="Tests.Mock" result="Failed" label="Error" duration="0.000"><failure><message>boom</message></failure></test-case>
  <test-case id="3" name="Off" fullname="Tests.Mock.Off" classname="Tests.Mock" result="Skipped" label="Ignored"><reason><message>why not</message></reason></test-case>
  <test-case id="4" name="Perhaps" fullname="Tests.Mock.Perhaps" result="Inconclusive"/>
 </test-suite></test-suite></test-run>`,
    expected: [
      'FAILED Tests.Mock|Tests.Mock|Fails 100000000: Expected 1~at Tests',
      'ERROR Tests.Mock|Tests.Mock|Throws 0: boom',
      'SKIPPED Tests.Mock|Tests.Mock|Off 0: why not',
      'UNKNOWN Tests.Mock|Tests.Mock|Perhaps 0',
    ],
  },
  {
    tool: 'TestNG',
    format: 'TESTNGXML',
    text: `<?xml version="1.0" encoding="UTF-8"?>
<testng-results skipped="1" failed="1" total="3" passed="1"><reporter-output/>
<suite name="Suite" duration-ms="30"><groups></groups><test name="Regression" duration-ms="30"><class name="com.shop.PayTest">
 <test-method status="PASS" signature="setUp()" name="setUp" is-config="true" duration-ms="3"/>
 <test-method status="PASS" signature="pays()" name="pays" duration-ms="12"></test-method>
 <test-method status="FAIL" signature="refunds()" name="refunds" duration-ms="2"><exception class="java.lang.AssertionError"><message><![CDATA[expected [1] but found [2]]]></message><full-stacktrace><![CDATA[java.lang.AssertionError: expected [1] but found [2]
 at com.shop]]></full-stacktrace></exception></test-method>
 <test-method status="SKIP" name="later" duration-ms="0"/>
 <test-method status="FAIL" name="tearDown" is-config="true" duration-ms="1"><exception class="java.io.IOException"/></test-method>
</class></test></suite></testng-results>`,
    expected: [
      'SUCCEEDED Regression|com.shop.PayTest|pays 12000000',
      'FAILED Regression|com.shop.PayTest|refunds 2000000: java.lang.AssertionError: expected [1] but found [2]~ at com.shop',
      'SKIPPED Regression|com.shop.PayTest|later 0',
      'ERROR Regression|com.shop.PayTest|tearDown 1000000: java.io.IOException',
    ],
  },
  {
    tool: 'Visual Studio',
    format: 'VISUALSTUDIOTRX',
    text: `\ufeff<?xml version="1.0" encoding="utf-8"?>
<TestRun id="a" name="run" xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">
  <Results>
    <UnitTestResult executionId="e1" testId="t1" testName="Adds" computerName="PC" duration="00:00:01.5000000" outcome="Passed" />
    <UnitTestResult executionId="e2" testId="t2" testName="Shop.CartTests.Removes" duration="00:01:00" outcome="Failed"><Output><StdOut>noise</StdOut><ErrorInfo><Message>Assert.AreEqual failed.</Message><StackTrace>at Shop</StackTrace></ErrorInfo></Output></UnitTestResult>
    <UnitTestResult executionId="e3" testId="t3" testName="Off" outcome="NotExecuted"><Output/></UnitTestResult>
    <UnitTestResult executionId="e4" testId="t1" testName="Rows" outcome="Failed" resultType="DataDrivenTest"><InnerResults>
      <UnitTestResult testId="t1" testName="Rows (1)" outcome="Passed" duration="1.00:00:00"/><UnitTestResult testId="t1" testName="Rows (2)" outcome="Timeout"/>
    </InnerResults></UnitTestResult>
  </Results>
  <TestDefinitions>
    <UnitTest name="Adds" id="t1"><Execution id="e1"/><TestMethod codeBase="x.dll" className="Shop.CartTests" name="Adds" /></UnitTest>
    <UnitTest name="Removes" id="t2"><TestMethod className="Shop.CartTests, Shop, Version=1.0" name="Removes" /></UnitTest>
  </TestDefinitions>
</TestRun>`,
    expected: [
      'SUCCEEDED Shop.CartTests|Shop.CartTests|Adds 1500000000',
      'FAILED Shop.CartTests|Shop.CartTests|Removes 60000000000: Assert.AreEqual failed.~at Shop',
      'SKIPPED ||Off 0',
      'SUCCEEDED Shop.CartTests|Shop.CartTests|Rows (1) 86400000000000',
      'ERROR Shop.CartTests|Shop.CartTests|Rows (2) 0',
    ],
  },
  {
    tool: 'Cucumber for the JVM, which names a feature after its scenarios',
    format: 'CUCUMBERJSON',
    text: JSON.stringify([
      {
        line: 1,
        elements: [
          {
            type: 'background',
            name: '',
            keyword: 'Background',
            steps: [{ keyword: 'Given ', name: 'a shop', result: { status: 'passed', duration: 5 } }],
          },
          {
            type: 'scenario',
            name: 'pays',
            keyword: 'Scenario',
            before: [{ result: { status: 'passed', duration: 1 }, match: { location: 'x' } }],
            steps: [
              {
                keyword: 'When ',
                name: 'I "pay"',
                result: { status: 'passed', duration: 10 },
                embeddings: [{ data: 'x'.repeat(100) }],
              },
            ],
          },
          {
            type: 'scenario',
            name: 'refunds',
            steps: [
              {
                keyword: 'When ',
                name: 'I ask',
                result: { status: 'failed', duration: 7, error_message: 'no\n at Steps' },
              },
              { keyword: 'Then ', name: 'I get', result: { status: 'skipped' } },
            ],
          },
          {
            type: 'scenario',
            name: 'unknown',
            steps: [{ keyword: 'When ', name: 'what', result: { status: 'undefined' } }],
          },
        ],
        name: 'Payments',
        uri: 'features/pay.feature',
      },
      { uri: 'b.feature', name: 'Empty' },
    ]),
    expected: [
      'SUCCEEDED Payments|Payments|pays 16',
      'FAILED Payments|Payments|refunds 7: When I ask~no~ at Steps',
      'UNKNOWN Payments|Payments|unknown 0: When what',
    ],
  },
]

test.each(SAMPLES)('$tool: every case with its status, class, time and message', async ({ format, text, expected }) => {
  const whole = await collect(format, text, 1_000_000)
  expect(whole.problems).toEqual([])
  expect(lines(whole)).toEqual(expected)
  expect(whole).toMatchObject({ type: 'TEST', truncated: false, tests: { total: expected.length } })
  for (const size of [1, 7, 61]) expect(lines(await collect(format, text, size))).toEqual(expected)
})

test('a report fails when a case failed or broke, and not because one was skipped', async () => {
  const suite = (inner: string) => `<testsuite><testcase name="a"/>${inner}</testsuite>`
  const statusOf = async (inner: string) => (await collect('JUNITXML', suite(inner))).status
  expect(await statusOf('')).toBe('SUCCEEDED')
  expect(await statusOf('<testcase name="b"><skipped/></testcase>')).toBe('SUCCEEDED')
  expect(await statusOf('<testcase name="b"><failure/></testcase>')).toBe('FAILED')
  expect(await statusOf('<testcase name="b"><error/></testcase>')).toBe('FAILED')
})

test('of more than 500 cases the failed ones are kept first, and all are counted', async () => {
  const passed = Array.from({ length: 700 }, (_, at) => `<testcase name="ok${at}" time="1"/>`)
  const failed = Array.from({ length: 30 }, (_, at) => `<testcase name="bad${at}"><failure/></testcase>`)
  const report = await collect('JUNITXML', `<testsuite>${passed.join('')}${failed.join('')}</testsuite>`, 4096)
  expect(report.cases).toHaveLength(500)
  expect(report.cases.filter(({ status }) => status === 'FAILED')).toHaveLength(30)
  expect(report.truncated).toBe(true)
  expect(report.tests).toEqual({
    total: 730,
    statusCounts: { ERROR: 0, FAILED: 30, SKIPPED: 0, SUCCEEDED: 700, UNKNOWN: 0 },
    durationInNanoSeconds: 700e9,
  })
})
