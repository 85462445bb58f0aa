// Pictures: a decoder per display, and one canvas that shows the displays
// where they are in the device's desktop.
import type { Displays } from '../../protocol/displays';
import type { VideoFrameMessage } from '../../protocol/message';
import { readPicture, Stream } from '../../protocol/video';
import type { Codec, Picture, Step } from '../../protocol/video';

const TIMES_KEPT = 120;

interface Lane {
  readonly stream: Stream;
  decoder: VideoDecoder | undefined;
  codec: Codec | undefined;
  newest: VideoFrame | undefined;
  lagging: boolean;
}

export interface ScreenHooks {
  refresh(display: number): void;
  backlog(frames: number): void;
  first(): void;
  unusable(codec: Codec): void;
}

const later: (run: () => void) => void =
  typeof requestAnimationFrame === 'function'
    ? (run) => { requestAnimationFrame(run); }
    : (run) => { setTimeout(run, 8); };

function median(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

export class Screen {
  hidden = false;
  codec: Codec | undefined;
  drawn = 0;
  decoded = 0;
  dropped = 0;
  private readonly lanes = new Map<number, Lane>();
  private readonly arrivals = new Map<number, number>();
  private readonly times: number[] = [];
  private readonly decodings: number[] = [];
  private context: OffscreenCanvasRenderingContext2D | null = null;
  private canvas: OffscreenCanvas | undefined;
  private scheduled = false;
  private shown = false;
  private clock = 0;

  constructor(private readonly hooks: ScreenHooks,
    private readonly displays: () => Displays | undefined) {}

  show(canvas: OffscreenCanvas): void {
    this.canvas = canvas;
    this.context = canvas.getContext('2d', { alpha: false });
    this.layout();
  }

  // The shown displays changed: the canvas takes their size.
  layout(): void {
    const bounds = this.displays()?.bounds;
    if (!this.canvas || !bounds)
      return;
    if (this.canvas.width !== bounds.width
        || this.canvas.height !== bounds.height) {
      this.canvas.width = bounds.width;
      this.canvas.height = bounds.height;
    }
    this.schedule();
  }

  feed(m: VideoFrameMessage, now: number): void {
    const picture = readPicture(m);
    if (!picture || !this.displays()?.list[picture.display])
      return;
    if (this.hidden) {
      this.dropped += picture.chunks.length;
      this.lanes.get(picture.display)?.stream.forget();
      return;
    }
    const lane = this.lane(picture.display);
    const queued = lane.decoder?.decodeQueueSize ?? 0;
    const fed = lane.stream.feed(picture, queued, now);
    this.dropped += fed.dropped;
    for (const step of fed.steps)
      this.decode(lane, picture, step, now);
    if (fed.ask)
      this.hooks.refresh(picture.display);
    this.hooks.backlog(lane.decoder?.decodeQueueSize ?? 0);
  }

  private lane(display: number): Lane {
    let lane = this.lanes.get(display);
    if (!lane) {
      lane = {
        stream: new Stream(), decoder: undefined, codec: undefined,
        newest: undefined, lagging: false,
      };
      this.lanes.set(display, lane);
    }
    return lane;
  }

  private decode(lane: Lane, picture: Picture, step: Step, now: number): void {
    if (step.configure !== undefined)
      this.configure(lane, picture, step.configure);
    if (lane.decoder?.state !== 'configured')
      return;
    // Chunks of one message must differ in time; frames carry it back.
    this.clock = Math.max(this.clock + 1, Math.round(now * 1000));
    this.arrivals.set(this.clock, performance.now());
    try {
      lane.decoder.decode(new EncodedVideoChunk({
        type: step.chunk.key ? 'key' : 'delta', timestamp: this.clock,
        data: step.chunk.data,
      }));
    } catch {
      this.failed(lane, picture);
    }
  }

  private configure(lane: Lane, picture: Picture, config: string): void {
    if (lane.decoder && lane.decoder.state !== 'closed')
      lane.decoder.close();
    lane.codec = picture.codec;
    this.codec = picture.codec;
    const decoder = new VideoDecoder({
      output: (frame) => this.output(lane, decoder, frame),
      error: () => {
        if (lane.decoder === decoder)
          this.failed(lane, picture);
      },
    });
    lane.decoder = decoder;
    decoder.ondequeue = () => this.hooks.backlog(decoder.decodeQueueSize);
    decoder.configure({ codec: config, optimizeForLatency: true });
  }

  private failed(lane: Lane, picture: Picture): void {
    const untried = this.decoded === 0;
    if (lane.stream.lost(Date.now()))
      this.hooks.refresh(picture.display);
    if (untried)
      this.hooks.unusable(picture.codec);
  }

  private output(lane: Lane, decoder: VideoDecoder, frame: VideoFrame): void {
    if (lane.decoder !== decoder) {
      frame.close();
      return;
    }
    this.decoded += 1;
    this.took(frame.timestamp, this.decodings);
    lane.stream.decoded();
    lane.newest?.close();
    lane.newest = frame;
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled)
      return;
    this.scheduled = true;
    later(() => this.draw());
  }

  private draw(): void {
    this.scheduled = false;
    for (const [index, lane] of this.lanes) {
      const frame = lane.newest;
      if (!frame)
        continue;
      const place = this.displays()?.place(index);
      if (place && this.context) {
        this.context.drawImage(frame, place.x, place.y, place.width,
          place.height);
        this.drawn += 1;
        this.took(frame.timestamp, this.times);
        this.forget(frame.timestamp);
      }
      lane.newest = undefined;
      frame.close();
      if (!this.shown && place) {
        this.shown = true;
        this.hooks.first();
      }
    }
  }

  private took(timestamp: number, times: number[]): void {
    const arrived = this.arrivals.get(timestamp);
    if (arrived === undefined)
      return;
    times.push(performance.now() - arrived);
    if (times.length > TIMES_KEPT)
      times.shift();
  }

  private forget(timestamp: number): void {
    for (const at of this.arrivals.keys())
      if (at <= timestamp)
        this.arrivals.delete(at);
  }

  // Milliseconds from a record's arrival to its picture, median.
  get latency(): number {
    return median(this.times);
  }

  // … and of that, until the decoder was done.
  get decoding(): number {
    return median(this.decodings);
  }

  get queue(): number {
    return Math.max(0, ...[...this.lanes.values()]
      .map((lane) => lane.decoder?.decodeQueueSize ?? 0));
  }

  // A display's size or place changed: its next picture is a key frame.
  restart(display: number, now: number): void {
    const lane = this.lanes.get(display);
    if (lane?.stream.lost(now))
      this.hooks.refresh(display);
  }

  tick(now: number): void {
    if (this.hidden)
      return;
    for (const [display, lane] of this.lanes)
      if (this.displays()?.shown.includes(display) && lane.stream.tick(now))
        this.hooks.refresh(display);
  }

  // The session is gone; the last picture stays.
  reset(): void {
    for (const lane of this.lanes.values()) {
      if (lane.decoder && lane.decoder.state !== 'closed')
        lane.decoder.close();
      lane.newest?.close();
    }
    this.lanes.clear();
    this.arrivals.clear();
    this.shown = false;
  }
}
