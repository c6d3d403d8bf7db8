/** The search algorithms of Katib with what they can be told, by the names that it has for them; and those of OptimizationJobs. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { StudyKind } from '../context';

/** A setting of an algorithm. */
export interface ISetting {
  readonly name: string;
  readonly label: string;
  readonly words: string;
  readonly required?: boolean;
  /** What a value must be: a whole number or any number within bounds, one of some words, or a text. */
  readonly type: 'whole' | 'number' | 'text' | readonly string[];
  readonly least?: number;
  /** Numbers have to be below this. */
  readonly below?: number;
  /** Whether numbers have to be above `least` rather than from it on. */
  readonly above?: boolean;
  readonly placeholder?: string;
}

/** A way to search. */
export interface IAlgorithm {
  readonly name: string;
  readonly label: string;
  readonly words: string;
  readonly settings: readonly ISetting[];
}

/** The algorithms that a kind of tuning experiment takes. */
export function algorithmsOf(kind: StudyKind, trans: TranslationBundle): readonly IAlgorithm[] {
  return kind === 'Experiment' ? katibs(trans) : trainers(trans);
}

/** The settings of median-stop. */
export function medianStopSettings(trans: TranslationBundle): readonly ISetting[] {
  return [
    {
      name: 'min_trials_required',
      label: trans.__('Trials before it begins'),
      words: trans.__('So many trials have to be done before one is compared with them.'),
      type: 'whole',
      least: 1,
      placeholder: '3'
    },
    {
      name: 'start_step',
      label: trans.__('Reports before a trial is judged'),
      words: trans.__('A trial may report the objective so often before it can be stopped.'),
      type: 'whole',
      least: 1,
      placeholder: '4'
    }
  ];
}

function trainers(trans: TranslationBundle): IAlgorithm[] {
  const seed: ISetting = { ...seedOf(trans), name: 'seed' };
  return [
    { ...randomOf(trans), settings: [seed] },
    {
      name: 'grid',
      label: trans.__('Grid'),
      words: trans.__('Tries every combination; all parameters have to be choices.'),
      settings: []
    }
  ];
}

function seedOf(trans: TranslationBundle): ISetting {
  return {
    name: 'random_state',
    label: trans.__('Seed'),
    words: trans.__('With one trial at a time, the same seed proposes the same values again.'),
    type: 'whole',
    least: 0,
    below: 2 ** 32,
    placeholder: trans.__('another one each time')
  };
}

function randomOf(trans: TranslationBundle): IAlgorithm {
  return {
    name: 'random',
    label: trans.__('Random'),
    words: trans.__('Draws each value by chance. Needs no trials before it, and is hard to beat.'),
    settings: [seedOf(trans)]
  };
}

function katibs(trans: TranslationBundle): IAlgorithm[] {
  const seed = seedOf(trans);
  const tpe: readonly ISetting[] = [
    {
      name: 'n_startup_trials',
      label: trans.__('Random trials first'),
      words: trans.__('So many trials are drawn by chance before it learns.'),
      type: 'whole',
      least: 0,
      placeholder: '10'
    },
    {
      name: 'n_ei_candidates',
      label: trans.__('Candidates'),
      words: trans.__('How many values it weighs for each one that it proposes.'),
      type: 'whole',
      least: 1,
      placeholder: '24'
    },
    {
      name: 'gamma',
      label: trans.__('Share of good trials'),
      words: trans.__('The share of the trials that it takes for good ones, between 0 and 1.'),
      type: 'number',
      least: 0,
      above: true,
      below: 1
    },
    {
      name: 'prior_weight',
      label: trans.__('Weight of the prior'),
      words: trans.__('How much the range itself counts against what was found, above 0.'),
      type: 'number',
      least: 0,
      above: true,
      placeholder: '1.0'
    },
    seed
  ];
  return [
    {
      name: 'tpe',
      label: trans.__('TPE'),
      words: trans.__(
        'Learns where good trials lie, each parameter by itself. A good first choice for some dozens of trials.'
      ),
      settings: tpe
    },
    {
      name: 'multivariate-tpe',
      label: trans.__('Multivariate TPE'),
      words: trans.__('Like TPE, but learns which values go together.'),
      settings: tpe
    },
    randomOf(trans),
    {
      name: 'grid',
      label: trans.__('Grid'),
      words: trans.__(
        'Tries every combination, so the number of trials is their product. Numbers need a step.'
      ),
      settings: []
    },
    {
      name: 'sobol',
      label: trans.__('Sobol sequence'),
      words: trans.__('Covers the space evenly without learning; best with a power of two trials.'),
      settings: [seed]
    },
    {
      name: 'bayesianoptimization',
      label: trans.__('Bayesian optimization'),
      words: trans.__(
        'Models the objective and tries where it expects most. For few, dear trials and few parameters.'
      ),
      settings: [
        {
          name: 'base_estimator',
          label: trans.__('Model'),
          words: trans.__(
            'GP is a Gaussian process; RF, ET and GBRT are forests and boosted trees.'
          ),
          type: ['GP', 'RF', 'ET', 'GBRT']
        },
        {
          name: 'n_initial_points',
          label: trans.__('Random trials first'),
          words: trans.__('So many trials are drawn by chance before it learns.'),
          type: 'whole',
          least: 0,
          placeholder: '10'
        },
        {
          name: 'acq_func',
          label: trans.__('Acquisition'),
          words: trans.__('What it takes for most promising; gp_hedge chooses by itself.'),
          type: ['gp_hedge', 'LCB', 'EI', 'PI', 'EIps', 'PIps']
        },
        {
          name: 'acq_optimizer',
          label: trans.__('Search for it'),
          words: trans.__('How the most promising point is found.'),
          type: ['auto', 'sampling', 'lbfgs']
        },
        seed
      ]
    },
    {
      name: 'cmaes',
      label: trans.__('CMA-ES'),
      words: trans.__(
        'Moves a cloud of trials towards better values. For two or more numeric parameters and a hundred trials or more.'
      ),
      settings: [
        {
          name: 'sigma',
          label: trans.__('First step'),
          words: trans.__('How wide the cloud is at first, above 0.'),
          type: 'number',
          least: 0,
          above: true
        },
        {
          name: 'restart_strategy',
          label: trans.__('Restarts'),
          words: trans.__('What it does when it is stuck; Local Kubeflow has none only.'),
          type: ['none', 'ipop', 'bipop']
        },
        seed
      ]
    },
    {
      name: 'hyperband',
      label: trans.__('Hyperband'),
      words: trans.__(
        'Begins many short trials and gives the better ones more of a resource, such as epochs, which is one of the parameters.'
      ),
      settings: [
        {
          name: 'r_l',
          label: trans.__('Most of the resource'),
          words: trans.__('What a trial gets at most, for example 27 epochs.'),
          type: 'number',
          least: 1,
          required: true
        },
        {
          name: 'resource_name',
          label: trans.__('Resource'),
          words: trans.__('The parameter that it gives, for example epochs.'),
          type: 'text',
          required: true
        },
        {
          name: 'eta',
          label: trans.__('Reduction'),
          words: trans.__('One of so many trials goes on each time, 2 or more.'),
          type: 'number',
          least: 2,
          placeholder: '3'
        },
        seed
      ]
    }
  ];
}

/** What is wrong with the value of a setting; nothing for an empty one that is not required. */
export function settingProblem(
  { type, least, below, above, required }: ISetting,
  typed: string,
  trans: TranslationBundle
): string | undefined {
  if (typed === '') {
    return required ? trans.__('This algorithm needs it.') : undefined;
  }
  if (type === 'text') {
    return undefined;
  }
  if (typeof type !== 'string') {
    return type.includes(typed) ? undefined : trans.__('Take one of %1.', type.join(', '));
  }
  const value = Number(typed);
  const fits =
    (type === 'whole'
      ? /^\d+$/.test(typed)
      : /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(typed)) &&
    (least === undefined || (above ? value > least : value >= least)) &&
    (below === undefined || value < below);
  if (fits) {
    return undefined;
  }
  const kind = type === 'whole' ? trans.__('a whole number') : trans.__('a number');
  const from =
    least === undefined
      ? kind
      : above
        ? trans.__('%1 above %2', kind, least)
        : trans.__('%1 from %2 on', kind, least);
  return below === undefined
    ? trans.__('This must be %1.', from)
    : trans.__('This must be %1 and below %2.', from, below);
}
