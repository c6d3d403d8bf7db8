/**
 * Forms for KFP parameters and the dialog to create a run. Import it lazily: `const { showSubmitDialog } = await import('../ui/form');`
 */
export { ParameterForm } from './parameterForm';
export type { IParameterFormProps } from './parameterForm';
export { defaultRunName, parameterText, validateParameter } from './parameters';
export type { IParameter, ParameterResult, ParameterType } from './parameters';
export { showSubmitDialog, SubmitDialog } from './submitDialog';
export { SubmitModel } from './submitModel';
export type { IScheduleValues } from './schedule';
export type { ISubmitContext, ISubmitOptions, ISubmitValues } from './submitModel';
export type { IFormMemory } from './memory';
