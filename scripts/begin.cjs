// First file of `npm start` and `npm test`: plain JavaScript of any age, so that an old Node gets a sentence instead of a syntax error.
// begin.cjs SCRIPT [ARGS]: runs a script of package.json through the pinned pnpm; a start with nothing to install or build runs at once.
// What is wrong with the options of a start is said before anything is installed.
var spawn = require('child_process').spawn
var fs = require('fs')
var path = require('path')
var script = process.argv[2]
var args = process.argv.slice(3)

var version = process.versions.node.split('.').map(Number)
if (version[0] < 20 || (version[0] === 20 && version[1] < 19)) {
  console.error(
    'Meridian needs Node 20.19 or newer; this is Node ' +
      process.versions.node +
      ' (' +
      process.execPath +
      ').'
  )
  process.exit(1)
}

if (script === 'system') readStart()

var freshness = require('./build/freshness.cjs')
var start = path.join(__dirname, 'dist/start.js')
var isFresh = script === 'system' && freshness.isInstalled() && freshness.isBuilt()
var command = isFresh ? [process.execPath, start] : ['npx', '-y', 'pnpm@12.21.0', 'run', script]
if (script === 'system' && !isFresh)
  console.log(
    'first pnpm and the packages, then the build, then the start; a start with nothing new takes seconds'
  )

var child = spawn(command[0], command.slice(1).concat(args), {
  stdio: 'inherit',
  env: Object.assign({ TURBO_TELEMETRY_DISABLED: '1', npm_config_loglevel: 'error' }, process.env)
})
// Ctrl-C reaches the whole process group: this one only waits for the others to end in order.
process.on('SIGINT', function () {})
process.on('SIGTERM', function () {
  child.kill('SIGTERM')
})
child.on('error', function (error) {
  console.error(
    command[0] + ' could not be run (' + error.message + '): npm belongs to Node, please reinstall it.'
  )
  process.exit(1)
})
child.on('exit', function (code, signal) {
  process.exit(signal === null ? code : 1)
})

/** Loaded only now: an old Node does not get here. */
function readStart() {
  var options
  try {
    options = require(path.join(__dirname, 'start/options.cjs')).parseStart(args, process.env)
    if (options.site !== undefined && !fs.existsSync(options.site)) {
      throw new Error('--site ' + options.site + ': there is no such file (from ' + process.cwd() + ').')
    }
  } catch (error) {
    // As in the table of libs/errors, which is not built yet.
    console.error('RUN_BAD_OPTION: command line is not as expected: ' + error.message)
    process.exit(2)
  }
  if (options.help !== undefined) {
    process.stdout.write(options.help)
    process.exit(0)
  }
}
