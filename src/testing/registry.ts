import { ApiError } from '../client/errors';
import type { IServiceRequest, ITransport } from '../client/transport';

interface IObject {
  id: string;
  createTimeSinceEpoch: string;
  lastUpdateTimeSinceEpoch: string;
  [field: string]: unknown;
}

/** A registry in memory, of which specs need no more than to read objects and change them. */
export class FakeRegistry {
  /** By the name of their collection, such as `registered_models`, or of what belongs to one: `registered_models/1/versions`. */
  readonly objects = new Map<string, IObject[]>();
  /** What is answered to everything instead. */
  failure?: ApiError;
  /** Called before each change. */
  beforeChange?: () => void;

  /** Adds an object, which belongs to the others of its collection and to `parent`. */
  add(collection: string, object: Record<string, unknown> & { id: string }, parent?: string): void {
    const time = String(Date.UTC(2026, 0, 1) + (this.clock += 1000));
    const whole = { createTimeSinceEpoch: time, lastUpdateTimeSinceEpoch: time, ...object };
    for (const path of [collection, ...(parent ? [parent] : [])]) {
      this.objects.set(path, [...(this.objects.get(path) ?? []), whole]);
    }
  }

  /** The object of a path such as `registered_models/1`. */
  get(path: string): IObject | undefined {
    const [collection, id] = path.split('/');
    return this.objects.get(collection!)?.find(each => each.id === id);
  }

  readonly transport = {
    json: async (_: string, request: IServiceRequest) => this.answer(request)
  } as unknown as ITransport;

  private answer({ method = 'GET', path, json }: IServiceRequest): unknown {
    if (this.failure) {
      throw this.failure;
    }
    const name = path.replace('/api/model_registry/v1alpha3/', '');
    const object = this.get(name);
    if (method === 'PATCH' && object) {
      this.beforeChange?.();
      return Object.assign(object, json, {
        lastUpdateTimeSinceEpoch: String(Date.UTC(2026, 0, 2) + (this.clock += 1000))
      });
    }
    if (name.split('/').length === 2) {
      return object ?? missing(name);
    }
    const items = this.objects.get(name) ?? [];
    const time = (each: IObject) => Number(each.lastUpdateTimeSinceEpoch);
    return { items: [...items].sort((one, other) => time(other) - time(one)) };
  }

  private clock = 0;
}

function missing(name: string): never {
  throw new ApiError({
    service: 'registry',
    status: 404,
    reason: 'NotFound',
    message: `${name} is not there.`
  });
}
