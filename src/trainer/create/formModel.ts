/** The state of the form for TrainJobs: what the function that is trained is called with, beside what forms for what trains have. */
import { type ITrainJob, trainJobs } from '../../client/kubernetes/kinds';
import type { IKubernetes } from '../../ui/kubernetes/connection';
import type { IProblems } from '../../ui/kubernetes/form/problems';
import type { ISides } from '../../ui/kubernetes/form/sides';
import { schemaAt } from '../../ui/kubernetes/schemaTree';
import { same } from '../../ui/kubernetes/threeWay';
import { isEmpty } from '../../ui/training/draft';
import type { IFunction, ISourceServices } from '../../ui/training/source';
import { type ITrainingOptions, TrainingForm } from '../../ui/training/trainingForm';
import { checkDraft } from './check';
import { trainJobCodec } from './codec';
import { type IFormState, STEM } from './formState';
import type { IDraft } from './model';
import { functionCode, type IOrigin, type ISource, readArguments, readSource } from './source';

/** What the form works with. */
export interface IFormOptions extends Omit<ITrainingOptions<ITrainJob, IOrigin>, 'kind' | 'stem'> {
  services: ISourceServices;
  server: Parameters<typeof readSource>[2];
  kubernetes: Pick<IKubernetes, 'client' | 'openApi'>;
}

/** One form. */
export class FormModel extends TrainingForm<ITrainJob, IDraft, IOrigin, ISource> {
  constructor(private readonly options: IFormOptions) {
    super({ ...options, kind: trainJobs, stem: STEM }, trainJobCodec());
    void this.findPatchField();
    void this.readOrigin();
  }

  override setOrigin(change: Partial<IOrigin>): void {
    const before = this.state.origin;
    const origin = { ...before, ...change };
    const moved = origin.kind !== before.kind || origin.path !== before.path;
    if (moved && change.function === undefined) {
      origin.function = '';
      origin.cell = undefined;
    }
    if (origin.kind === 'command' && before.kind !== 'command') {
      this.edit({ code: { kind: 'command', command: [] } });
    }
    if (origin.function !== before.function) {
      origin.texts = change.texts ?? {};
    }
    this.set({ origin, ...(moved ? { source: undefined, sourceError: undefined } : {}) });
    if (moved) {
      void this.readOrigin(true);
    } else {
      this.useSource(true);
    }
    this.keepSoon();
  }

  /** The function that is chosen. */
  get function(): IFunction | undefined {
    const { source, origin } = this.state;
    return source?.functions?.find(each => each.name === origin.function);
  }

  protected override read(origin: IOrigin): Promise<ISource> | undefined {
    const { services, server } = this.options;
    return origin.kind === 'command' ? undefined : readSource(origin, services, server);
  }

  protected override visible(field: string): boolean {
    return field === 'function' || super.visible(field);
  }

  protected override wrong(): IProblems {
    const { trans } = this.options;
    const { sides, origin, source } = this.state;
    const own = checkDraft(sides.draft, sides.object, trans, this.runtime);
    const fields = { ...own.fields };
    const unread = this.state.sourceError !== undefined;
    if (this.everything && !unread && origin.kind !== 'command' && isEmpty(sides.draft.code)) {
      fields['code'] = trans.__(
        'There is no code yet. Choose a file, a notebook or a function, or a command.'
      );
    }
    const called = origin.kind === 'function' ? this.function : undefined;
    if (origin.kind === 'function' && source?.functions && !called && source.functions.length > 0) {
      fields['function'] = trans.__(
        '%1 is not defined in %2 any more. Choose another one.',
        origin.function,
        origin.path
      );
    }
    const lacks = called ? readArguments(called, origin.texts, trans).errors : {};
    for (const [name, message] of Object.entries(lacks)) {
      fields[`argument.${name}`] = message;
    }
    return { fields, top: own.top };
  }

  /** Where no file was chosen, the code is that of the YAML. */
  protected override afterTyping(next: ISides<IDraft>): Partial<IFormState> {
    const { sides, origin } = this.state;
    const changed = !same(next.draft.code, sides.draft.code);
    return changed && origin.path === '' && !isEmpty(next.draft.code)
      ? { origin: { ...origin, kind: 'command' }, sourceError: undefined }
      : super.afterTyping(next);
  }

  protected override useSource(replace: boolean): void {
    const { source, origin, sides, handmade } = this.state;
    const functions = source?.functions ?? [];
    if (functions.length > 0 && origin.function === '') {
      const [first] = functions;
      const wanted = functions.find(each => each.cell_id === origin.cell) ?? first!;
      this.setOrigin({ function: wanted.name });
      return;
    }
    const found = this.function;
    const read = found ? functionCode(found, origin.texts, this.options.trans) : source?.text;
    if (read !== undefined && (replace || !handmade)) {
      const code = this.scriptOf(found?.name ?? origin.path, read);
      this.set({ handmade: false });
      if (!same(sides.draft.code, code)) {
        this.edit({ code });
        return;
      }
    }
    this.look();
  }

  private async findPatchField(): Promise<void> {
    try {
      const schema = await this.options.kubernetes.openApi.schema(
        'trainer.kubeflow.org/v1alpha1',
        'TrainJob'
      );
      const older =
        schema &&
        schemaAt(schema, ['spec', 'podTemplateOverrides']) &&
        !schemaAt(schema, ['spec', 'runtimePatches']);
      this.codec = trainJobCodec(older ? 'podTemplateOverrides' : 'runtimePatches');
    } catch {
      // Without a schema it is the present form; the server refuses what it does not know.
    }
  }
}
