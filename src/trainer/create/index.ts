import type { ICreateSeed, TrainerContext } from '../context';

/** Opens the form for a new TrainJob, which begins with what `seed` names. */
export async function openCreate(_context: TrainerContext, _seed: ICreateSeed): Promise<void> {}
