/** What can be done to tuning experiments. Each asks where something would be lost; open views see by themselves what the server changes. */
import { Notification } from '@jupyterlab/apputils';

import { isForbidden } from '../client/errors';
import type { IExperiment } from '../client/kubernetes/kinds';
import { tuningExperiments } from '../client/kubernetes/kinds';
import { confirmDestructive } from '../ui/confirm';
import { kubernetesOf } from '../ui/kubernetes/connection';
import { deleteObjects } from '../ui/kubernetes/deleteObjects';
import { forbiddenWords } from '../ui/kubernetes/problem';
import { errorMessage } from '../ui/viewState';
import { CreateCommandIDs, type IStudyRef, type KatibContext } from './context';
import { kindOf, type StudyObject } from './kinds';
import {
  activeTrials,
  begunTrials,
  budgetPatch,
  canStop,
  isOver,
  leastBudget,
  obstacleOf,
  trialsToCome
} from './model/budget';
import { immutableReason, lastingReason } from './reasons';

export { copyParameters, registerTrial, trainWith } from './trialActions';

/** How often a stop is tried anew because more trials have begun meanwhile. */
const TRIES = 5;

/** A tuning experiment as it is now. Rejects with `ApiError`. */
export function readStudy(context: KatibContext, ref: IStudyRef): Promise<StudyObject> {
  const { kind, namespace, name } = ref;
  return kubernetesOf(context.kubeflow).client.resource(kindOf(kind)).get({ namespace, name });
}

/** Opens the form with an experiment's values. */
export async function cloneExperiment(context: KatibContext, ref: IStudyRef): Promise<void> {
  const experiment = await readStudy(context, ref);
  await context.commands.execute(CreateCommandIDs.createExperiment, {
    experiment: experiment as never
  });
}

/** Asks for another budget and sets it; more trials than before resume an experiment that has used its own up. */
export async function editBudget(context: KatibContext, ref: IStudyRef): Promise<void> {
  const { trans } = context;
  const experiment = await readExperiment(context, ref);
  const reason = experiment && lastingReason(obstacleOf(experiment), trans);
  if (!experiment || reason) {
    Notification.info(reason ?? immutableReason(trans));
    return;
  }
  const { askBudget } = await import('./budgetDialog');
  await askBudget({
    trans,
    experiment,
    save: async budget => {
      await patch(context, ref, budgetPatch(budget));
    },
    refusal: error => why(context, ref, error)
  });
}

/**
 * Stops an experiment as far as Katib can: its budget is lowered to the least that Katib takes. What runs goes on to its end, because ending it would
 * make Katib begin others in its place, and lowering the parallelism deletes trials, finished ones among them.
 */
export async function stopExperiment(context: KatibContext, ref: IStudyRef): Promise<void> {
  const { trans } = context;
  const experiment = await readExperiment(context, ref);
  if (!experiment) {
    Notification.info(immutableReason(trans));
    return;
  }
  if (!canStop(experiment)) {
    Notification.info(
      isOver(experiment)
        ? trans.__('There is nothing to stop: %1 has ended.', ref.name)
        : trans.__(
            'There is nothing to stop: all trials of %1 have begun but the last. To end them at once, delete the experiment.',
            ref.name
          )
    );
    return;
  }
  const agreed = await confirmDestructive(trans, {
    title: trans.__('Stop tuning experiment “%1”?', ref.name),
    body: stopWords(context, experiment),
    action: trans.__('Stop experiment')
  });
  if (agreed) {
    await lowerBudget(context, ref, experiment);
  }
}

/** Deletes experiments after asking; answers those that are gone or going. */
export async function deleteExperiments(
  context: KatibContext,
  refs: readonly IStudyRef[]
): Promise<readonly IStudyRef[]> {
  const { trans } = context;
  const objects = await Promise.all(
    refs.map(async ref => ({
      kind: kindOf(ref.kind) as never,
      object: await readStudy(context, ref)
    }))
  );
  const done = await deleteObjects(
    kubernetesOf(context.kubeflow),
    trans,
    objects,
    trans.__('What the trials have found goes with them, as do their logs.')
  );
  const uids = new Set(done.map(({ object }) => object.metadata?.uid));
  return refs.filter((_, index) => uids.has(objects[index]?.object.metadata?.uid));
}

/** What a stop does, in sentences. */
function stopWords({ trans }: KatibContext, experiment: IExperiment): string {
  const active = activeTrials(experiment);
  const more = trialsToCome(experiment, leastBudget(experiment)) ?? 0;
  const resumable = ['LongRunning', 'FromVolume'].includes(experiment.spec.resumePolicy ?? '');
  return [
    trans.__(
      'Katib stops an experiment by its number of trials, which has to stay above the %1 that have begun.',
      begunTrials(experiment)
    ),
    active > 0
      ? trans._n(
          'The %1 trial that is under way goes on to its end,',
          'The %1 trials that are under way go on to their end,',
          active
        )
      : trans.__('Then'),
    trans._n('at most %1 more begins,', 'at most %1 more begin,', Math.max(1, more)),
    trans.__('and the experiment has succeeded with what it found.'),
    resumable
      ? trans.__('A larger budget resumes it.')
      : trans.__('Its resume policy is Never: it cannot be resumed, only cloned.'),
    trans.__('To end its trials at once, delete it; what they found goes with it.')
  ].join(' ');
}

/** Lowers the budget; tries anew where more trials have begun since it was read. */
async function lowerBudget(
  context: KatibContext,
  ref: IStudyRef,
  experiment: IExperiment
): Promise<void> {
  const { trans } = context;
  let now: IExperiment | undefined = experiment;
  for (let tries = 1; now && canStop(now); tries += 1) {
    const begun = begunTrials(now);
    try {
      await patch(context, ref, budgetPatch(leastBudget(now)));
      return;
    } catch (error) {
      now = await readExperiment(context, ref).catch(() => undefined);
      if (tries >= TRIES || !now || begunTrials(now) === begun) {
        Notification.error(trans.__('%1 was not stopped. %2', ref.name, why(context, ref, error)), {
          autoClose: false
        });
        return;
      }
    }
  }
}

async function readExperiment(
  context: KatibContext,
  ref: IStudyRef
): Promise<IExperiment | undefined> {
  return ref.kind === 'Experiment' ? ((await readStudy(context, ref)) as IExperiment) : undefined;
}

async function patch(context: KatibContext, ref: IStudyRef, body: object): Promise<void> {
  const { namespace, name } = ref;
  await kubernetesOf(context.kubeflow)
    .client.resource(tuningExperiments)
    .patch({ namespace, name }, { type: 'merge', body });
}

function why({ trans }: KatibContext, ref: IStudyRef, error: unknown): string {
  const access = { verb: 'patch', kind: kindOf(ref.kind), namespace: ref.namespace } as const;
  return isForbidden(error) ? forbiddenWords(access, error, trans) : errorMessage(error);
}
