import { observingDayOf } from '@meridian/time'
import {
  type Call,
  type CommandTable,
  createModel,
  type Model,
  type ModelContext,
  type Work
} from '../model.ts'
import type { Values } from '../outlet.ts'
import { numberOf, refuse, textOf } from '../refuse.ts'
import type { SharedState } from '../shared-state.ts'
import { SUMMARY } from '../summary-state.ts'
import type { Tick } from '../tick.ts'

const READOUT_SECONDS = 2.1
const SHUTTER_SECONDS = 1
const FILTER_SECONDS = 90
const FILTERS = ['u_24', 'g_6', 'r_57', 'i_39', 'z_20', 'y_10']

/**
 * A camera. idle -> integrating (startIntegration) -> reading (startReadout) -> idle (endReadout, then
 * endOfImageTelemetry), once per image; idle -> changing -> idle for another filter.
 */
type Activity =
  | { readonly kind: 'idle' }
  | { readonly kind: 'integrating'; readonly until: number; readonly image: Image }
  | { readonly kind: 'reading'; readonly until: number; readonly image: Image }
  | { readonly kind: 'changing'; readonly until: number; readonly filter: string }

const IDLE: Activity = { kind: 'idle' }

/** Images that are to be taken one after another. */
interface Sequence {
  /** How many images are taken, one after another. */
  readonly count: number
  /** Exposure time of each, seconds. */
  readonly seconds: number
}

interface Image extends Sequence {
  readonly name: string
  readonly number: number
  readonly start: number
  /** Position in its sequence, from 0. */
  readonly index: number
}

/** A camera that takes images and changes filters. */
export interface Camera extends Model {
  /** Called by the night program: takes images. False while the camera is busy. */
  expose(count: number, seconds: number, at: Tick): boolean
  busy(): boolean
}

/** Parts and state of a camera. */
interface Device {
  readonly context: ModelContext
  readonly shared: SharedState
  activity: Activity
  /** Number of the last image. */
  number: number
  /** True when an operator ended the sequence. */
  aborted: boolean
}

/** Creates an idle camera of the main or the auxiliary telescope. */
export function createCamera(context: ModelContext, shared: SharedState): Camera {
  const device: Device = { context, shared, activity: IDLE, number: 0, aborted: false }
  const events = {
    endSetFilter: { filterName: shared.filter, filterType: 'r', filterSlot: 2 },
    availableFilters: { filterNames: FILTERS.join(','), filterTypes: 'u,g,r,i,z,y' }
  }
  return {
    ...createModel(device, { step, stepTicks: 0, commands, events, notAtStart }),
    busy: () => device.activity.kind !== 'idle',
    expose: (count, seconds, at) => expose(device, { count, seconds }, at)
  }
}

const notAtStart = [
  'startIntegration',
  'startReadout',
  'endReadout',
  'endOfImageTelemetry',
  'startShutterOpen',
  'endShutterOpen',
  'startShutterClose',
  'endShutterClose',
  'startSetFilter',
  'endTakeImage',
  'prepareToTakeImage',
  'startLoadFilter',
  'endLoadFilter',
  'startUnloadFilter',
  'endUnloadFilter',
  'startRotateCarousel',
  'endRotateCarousel',
  'endInitializeImage'
]

function step(device: Device, at: Tick): void {
  const { activity } = device
  if (activity.kind === 'idle' || at.tai < activity.until) return
  if (activity.kind === 'changing') endFilter(device, activity.filter, at)
  else if (activity.kind === 'integrating') readOut(device, activity.image, at)
  else endImage(device, activity.image, at)
}

const commands: CommandTable<Device> = {
  takeImages,
  endImage: cutImage,
  setFilter
}

function takeImages(device: Device, { params, at }: Call): Work {
  const count = numberOf(params, 'numImages', [1, 1000])
  const seconds = numberOf(params, 'expTime', [0, 3600])
  if (!expose(device, { count, seconds }, at)) throw refuse(`the camera is ${device.activity.kind}`)
  return { seconds: count * (seconds + READOUT_SECONDS), group: 'images', done: () => isIdle(device) }
}

function cutImage(device: Device, { at, abort }: Call): undefined {
  const { activity } = device
  if (activity.kind !== 'integrating') throw refuse('no image is being taken')
  abort('images', 'endImage')
  device.aborted = true
  device.activity = { ...activity, until: at.tai }
}

function setFilter(device: Device, { params, at }: Call): Work {
  const filter = textOf(params, 'name')
  if (!FILTERS.includes(filter)) throw refuse(`no filter '${filter}': ${FILTERS.join(', ')}`)
  if (!isIdle(device)) throw refuse(`the camera is ${device.activity.kind}`)
  device.activity = { kind: 'changing', until: at.tai + FILTER_SECONDS, filter }
  put(device, 'startSetFilter', filterFields(filter), at)
  return { seconds: FILTER_SECONDS, done: () => isIdle(device) }
}

const isIdle = ({ activity }: Device): boolean => activity.kind === 'idle'

function expose(device: Device, sequence: Sequence, at: Tick): boolean {
  if (!isIdle(device) || device.context.state() !== SUMMARY.ENABLED) return false
  device.aborted = false
  begin(device, { ...sequence, index: 0 }, at)
  return true
}

function begin(device: Device, plan: Sequence & { readonly index: number }, at: Tick): void {
  const number = ++device.number
  const day = observingDayOf(at.tai)
  const name = `${prefixOf(device.context)}_O_${day}_${String(number).padStart(6, '0')}`
  const image: Image = { ...plan, name, number, start: at.tai }
  device.activity = { kind: 'integrating', until: at.tai + plan.seconds, image }
  const fields = imageFields(device.context, image)
  put(device, 'startIntegration', { ...fields, exposureTime: plan.seconds, mode: 'SCIENCE', timeout: 30 }, at)
  putTransition(device, 'startShutterOpen', at)
}

function readOut(device: Device, image: Image, at: Tick): void {
  device.activity = { kind: 'reading', until: at.tai + READOUT_SECONDS, image }
  putTransition(device, 'startShutterClose', at)
  const times = { exposureTime: image.seconds, timestampStartOfReadout: at.tai }
  put(device, 'startReadout', { ...imageFields(device.context, image), ...times }, at)
}

function endImage(device: Device, image: Image, at: Tick): void {
  const { context } = device
  const { index, count, seconds } = image
  const fields = imageFields(context, image)
  const readOut = { requestedExposureTime: seconds, timestampEndOfReadout: at.tai }
  const dark = { exposureTime: seconds, darkTime: seconds + SHUTTER_SECONDS }
  put(device, 'endReadout', { ...fields, ...readOut }, at)
  put(device, 'endOfImageTelemetry', { ...fields, ...dark }, at)
  device.activity = IDLE
  if (index + 1 < count && !device.aborted && context.state() === SUMMARY.ENABLED)
    begin(device, { index: index + 1, count, seconds }, at)
  else putTransition(device, 'endTakeImage', at)
}

function endFilter(device: Device, filter: string, at: Tick): void {
  device.shared.filter = filter
  put(device, 'endSetFilter', { ...filterFields(filter), filterSlot: FILTERS.indexOf(filter) }, at)
  device.activity = IDLE
}

const put = ({ context }: Device, topic: string, values: Values, at: Tick): void =>
  context.event(topic).force(values, at)

const putTransition = (device: Device, topic: string, at: Tick): void =>
  put(device, topic, { timestampTransition: at.tai }, at)

const filterFields = (filter: string): Values => ({ filterName: filter, filterType: filter.slice(0, 1) })

const PREFIX: Readonly<Record<string, string>> = {
  MTCamera: 'MC',
  CCCamera: 'CC',
  ATCamera: 'AT',
  GenericCamera: 'GC'
}

const prefixOf = ({ csc }: ModelContext): string => PREFIX[csc] ?? 'XC'

const imageFields = (context: ModelContext, image: Image): Values => ({
  additionalKeys: 'imageType:groupId:program',
  additionalValues: `OBJECT:${image.start.toFixed(3)}:BLOCK-365`,
  imagesInSequence: image.count,
  imageName: image.name,
  imageIndex: image.index,
  imageSource: prefixOf(context),
  imageController: 'O',
  imageDate: observingDayOf(image.start),
  imageNumber: image.number,
  timestampAcquisitionStart: image.start
})
