import assert from 'node:assert/strict'
import { test } from 'node:test'
import { greeting } from '../greeting.js'

test('greets everybody when nobody is named', () => {
  assert.match(greeting(null), /^\w+, world!$/)
  assert.match(greeting('  '), /^\w+, world!$/)
})

test('greets by name', () => {
  assert.match(greeting('Ada'), /^\w+, Ada!$/)
})
