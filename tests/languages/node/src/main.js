#!/usr/bin/env node
import { receipt } from './receipt.js'

const items = process.argv.slice(2).map(price => ({ price: Number(price) }))
console.log(receipt(items).text)
