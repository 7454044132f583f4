// How far a build is, told by its outputs.
'use strict'
const { readdirSync, statSync } = require('node:fs')
const { join } = require('node:path')

const writtenMs = path => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

/** The folders of `outputs` into which something was written since `beganMs`. */
function partsSince(outputs, beganMs) {
  return outputs.filter(folder => {
    if (writtenMs(folder) === 0) return false
    return readdirSync(folder).some(name => writtenMs(join(folder, name)) >= beganMs)
  })
}

module.exports = { partsSince }
