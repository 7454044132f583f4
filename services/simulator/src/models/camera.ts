import { observingDayOf } from '@meridian/time'
import type { Model, ModelContext, Work } from '../model.ts'
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

interface Image {
  readonly name: string
  readonly number: number
  readonly seconds: number
  readonly start: number
  /** Position in its sequence, from 0, and number of images in it. */
  readonly index: number
  readonly count: number
}

/** A camera that takes images and changes filters. */
export interface Camera extends Model {
  /** Called by the night program: takes images. False while the camera is busy. */
  expose(count: number, seconds: number, at: Tick): boolean
  busy(): boolean
}

const PREFIX: Readonly<Record<string, string>> = {
  MTCamera: 'MC',
  CCCamera: 'CC',
  ATCamera: 'AT',
  GenericCamera: 'GC'
}

/** Creates an idle camera of the main or the auxiliary telescope. */
export function createCamera(context: ModelContext, shared: SharedState): Camera {
  let activity: Activity = { kind: 'idle' }
  let number = 0
  let aborted = false

  const put = (topic: string, values: Readonly<Record<string, unknown>>, at: Tick): void =>
    context.event(topic).force(values, at)
  const transition = (topic: string, at: Tick): void => put(topic, { timestampTransition: at.tai }, at)
  const begin = (plan: { index: number; count: number; seconds: number }, at: Tick): void => {
    number++
    const name = `${PREFIX[context.csc] ?? 'XC'}_O_${observingDayOf(at.tai)}_${String(number).padStart(6, '0')}`
    const image: Image = { ...plan, name, number, start: at.tai }
    activity = { kind: 'integrating', until: at.tai + plan.seconds, image }
    put(
      'startIntegration',
      { ...imageFields(context, image), exposureTime: plan.seconds, mode: 'SCIENCE', timeout: 30 },
      at
    )
    transition('startShutterOpen', at)
  }
  const read = (image: Image, at: Tick): void => {
    activity = { kind: 'reading', until: at.tai + READOUT_SECONDS, image }
    transition('startShutterClose', at)
    put(
      'startReadout',
      { ...imageFields(context, image), exposureTime: image.seconds, timestampStartOfReadout: at.tai },
      at
    )
  }
  const finish = (image: Image, at: Tick): void => {
    const fields = imageFields(context, image)
    put('endReadout', { ...fields, requestedExposureTime: image.seconds, timestampEndOfReadout: at.tai }, at)
    put(
      'endOfImageTelemetry',
      { ...fields, exposureTime: image.seconds, darkTime: image.seconds + SHUTTER_SECONDS },
      at
    )
    activity = { kind: 'idle' }
    const { index, count, seconds } = image
    if (index + 1 < count && !aborted && context.state() === SUMMARY.ENABLED)
      begin({ index: index + 1, count, seconds }, at)
    else transition('endTakeImage', at)
  }
  const change = (filter: string, at: Tick): Work => {
    activity = { kind: 'changing', until: at.tai + FILTER_SECONDS, filter }
    put('startSetFilter', { filterName: filter, filterType: filter.slice(0, 1) }, at)
    return { seconds: FILTER_SECONDS, done: () => activity.kind === 'idle' }
  }
  const changed = (filter: string, at: Tick): void => {
    shared.filter = filter
    put(
      'endSetFilter',
      { filterName: filter, filterType: filter.slice(0, 1), filterSlot: FILTERS.indexOf(filter) },
      at
    )
    activity = { kind: 'idle' }
  }
  const expose = (count: number, seconds: number, at: Tick): boolean => {
    if (activity.kind !== 'idle' || context.state() !== SUMMARY.ENABLED) return false
    aborted = false
    begin({ index: 0, count, seconds }, at)
    return true
  }
  return {
    expose,
    busy: () => activity.kind !== 'idle',
    advance(at) {
      if (activity.kind === 'idle' || at.tai < activity.until) return
      if (activity.kind === 'changing') changed(activity.filter, at)
      else if (activity.kind === 'integrating') read(activity.image, at)
      else finish(activity.image, at)
    },
    notAtStart: [
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
    ],
    events: {
      endSetFilter: { filterName: shared.filter, filterType: 'r', filterSlot: 2 },
      availableFilters: { filterNames: FILTERS.join(','), filterTypes: 'u,g,r,i,z,y' }
    },
    commands: {
      takeImages: ({ params, at }) => {
        const count = numberOf(params, 'numImages', [1, 1000])
        const seconds = numberOf(params, 'expTime', [0, 3600])
        if (!expose(count, seconds, at)) throw refuse(`the camera is ${activity.kind}`)
        return {
          seconds: count * (seconds + READOUT_SECONDS),
          group: 'images',
          done: () => activity.kind === 'idle'
        }
      },
      endImage: ({ at, abort }) => {
        if (activity.kind !== 'integrating') throw refuse('no image is being taken')
        abort('images', 'endImage')
        aborted = true
        activity = { ...activity, until: at.tai }
      },
      setFilter: ({ params, at }) => {
        const filter = textOf(params, 'name')
        if (!FILTERS.includes(filter)) throw refuse(`no filter '${filter}': ${FILTERS.join(', ')}`)
        if (activity.kind !== 'idle') throw refuse(`the camera is ${activity.kind}`)
        return change(filter, at)
      }
    }
  }
}

const imageFields = (context: ModelContext, image: Image): Record<string, unknown> => ({
  additionalKeys: 'imageType:groupId:program',
  additionalValues: `OBJECT:${image.start.toFixed(3)}:BLOCK-365`,
  imagesInSequence: image.count,
  imageName: image.name,
  imageIndex: image.index,
  imageSource: PREFIX[context.csc] ?? 'XC',
  imageController: 'O',
  imageDate: observingDayOf(image.start),
  imageNumber: image.number,
  timestampAcquisitionStart: image.start
})
