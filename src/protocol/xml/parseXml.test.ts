import { describe, expect, test } from 'vitest'
import { parseXml, XmlError } from './parseXml.ts'

describe('XML that is read', () => {
  test('elements, attributes, text, CDATA, comments and references', () => {
    const root = parseXml(
      `\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<!-- c --><s3:Delete xmlns:s3="urn:x" a='1' b = "&lt;&#65;">
  <Key>a &amp; b&#x1F600;<![CDATA[<c>&amp;]]></Key><Empty/><?pi x?>
</s3:Delete>\n<!-- after -->`,
    )
    expect(root).toMatchObject({ name: 'Delete', attributes: { a: '1', b: '<A' } })
    expect(root.children.map(child => [child.name, child.text])).toEqual([
      ['Key', 'a & b😀<c>&amp;'],
      ['Empty', ''],
    ])
  })

  test('line ends are one kind, references to them are kept', () => {
    expect(parseXml('<a>x\r\ny\rz&#13;</a>').text).toBe('x\ny\nz\r')
  })

  test('space inside a leaf is text', () => {
    expect(parseXml('<a> </a>').text).toBe(' ')
  })
})

describe('XML that is refused', () => {
  test.each([
    ['', 'nothing'],
    ['text', 'no element'],
    ['<a>', 'no end'],
    ['<a></b>', 'another end'],
    ['<a><b></a></b>', 'crossed ends'],
    ['<a/><b/>', 'two roots'],
    ['<a/>text', 'text behind the root'],
    ['<a b=c/>', 'an attribute without quotes'],
    ['<a b="1" b="2"/>', 'an attribute twice'],
    ['<a b="1"c="2"/>', 'attributes without space'],
    ['<a>&nbsp;</a>', 'an entity that is not defined'],
    ['<a>&constructor;</a>', 'an inherited name as entity'],
    ['<a>a & b</a>', 'a bare ampersand'],
    ['<a>&#x110000;</a>', 'a character beyond Unicode'],
    ['<a>&#0;</a>', 'a null character'],
    ['<1/>', 'a name that begins with a digit'],
    ['<a><![CDATA[x</a>', 'CDATA without end'],
    ['<a><!-- x</a>', 'a comment without end'],
  ])('%s: %s', text => {
    expect(() => parseXml(text)).toThrow(XmlError)
  })

  test('document types, and with them all entities: the billion laughs', () => {
    const bomb = '<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;&l;&l;&l;&l;&l;">]><a>&m;</a>'
    expect(() => parseXml(bomb)).toThrow(XmlError)
    expect(() => parseXml('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>')).toThrow(XmlError)
    expect(() => parseXml('<a><!ENTITY x "y"></a>')).toThrow(XmlError)
  })

  test('what is nested without end', () => {
    expect(() => parseXml('<a>'.repeat(1_000_000))).toThrow('nested too deeply')
  })

  test('10 MB of garbage, quickly', () => {
    const start = performance.now()
    for (const piece of ['<', '&', '<a ', '<a>', '<!--', 'a="', ' ']) {
      expect(() => parseXml(`<a>${piece.repeat(10_000_000 / piece.length)}`)).toThrow(XmlError)
    }
    expect(performance.now() - start).toBeLessThan(5000)
  })
})
