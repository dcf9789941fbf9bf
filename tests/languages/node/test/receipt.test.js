import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { money, receipt } from '../src/receipt.js'

describe('a receipt', () => {
  test('adds up', () => assert.equal(receipt([{ price: 250, count: 3 }]).text, '1 item: 7.50'))
  test('has a discount from 100.00 on', () => assert.equal(receipt([{ price: 10_000 }]).discount, 1000))
  test('has something on it', () => assert.throws(() => receipt([]), RangeError))
})

test('cents have two digits', () => assert.equal(money(1205), '12.05'))
