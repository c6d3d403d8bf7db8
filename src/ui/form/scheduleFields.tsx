import { HTMLSelect } from '@jupyterlab/ui-components';
import { useId } from 'react';

import { localeOf } from '../format';
import { nextTimes, scheduleWords } from '../schedule/words';
import { describe, Field } from './parameterField';
import { type IScheduleTexts, readSchedule, UNITS } from './schedule';
import type { SubmitModel } from './submitModel';

/** How many of the next times the preview tells. */
const NEXT = 3;

/** When runs are to start: an interval or a cron expression, from when to when, how many at a time; and what that means in words. */
export function ScheduleFields(props: {
  model: SubmitModel<unknown>;
  texts: IScheduleTexts;
}): JSX.Element {
  const { model, texts } = props;
  const { trans } = model.options;
  const id = useId();
  const errors = model.errors.schedule ?? {};
  const set = (change: Partial<IScheduleTexts>) => model.setSchedule(change);
  const input = (
    field: 'every' | 'cron' | 'start' | 'end' | 'concurrency',
    type: string,
    hint?: string
  ) => (
    <input
      {...describe(`${id}-${field}`, hint, errors[field])}
      className={`jp-mod-styled jp-Kubeflow-Form-text${field === 'cron' ? ' jp-mod-code' : ''}`}
      type={type}
      inputMode={field === 'every' || field === 'concurrency' ? 'numeric' : undefined}
      autoComplete="off"
      spellCheck={false}
      readOnly={model.busy}
      value={texts[field]}
      onChange={event => set({ [field]: event.currentTarget.value })}
      onBlur={() => model.leaveSchedule(field)}
    />
  );
  const fiveFields = texts.cron.trim().split(/\s+/).length === 5;
  const cronHint = fiveFields
    ? trans.__(
        'KFP takes the first of five fields for the second. For minutes first, put a 0 before them.'
      )
    : trans.__(
        'Second, minute, hour, day, month and weekday, in UTC: 0 0 8 * * 1-5 for weekdays at 08:00.'
      );
  const zone = trans.__('Time zone: %1', Intl.DateTimeFormat().resolvedOptions().timeZone);
  return (
    <section className="jp-Kubeflow-Form-section" aria-labelledby={`${id}-title`}>
      <header>
        <h3 id={`${id}-title`}>{trans.__('Schedule')}</h3>
      </header>
      <div className="jp-Kubeflow-Form">
        <Field htmlFor={`${id}-kind`} label={trans.__('Runs start')}>
          <HTMLSelect
            id={`${id}-kind`}
            aria-disabled={model.busy || undefined}
            value={texts.kind}
            options={[
              { value: 'interval', label: trans.__('At an interval') },
              { value: 'cron', label: trans.__('By a cron expression') }
            ]}
            onChange={event => set({ kind: event.currentTarget.value as IScheduleTexts['kind'] })}
          />
        </Field>
        {texts.kind === 'cron' ? (
          <Field
            htmlFor={`${id}-cron`}
            label={trans.__('Cron expression')}
            hint={cronHint}
            error={errors.cron}
          >
            {input('cron', 'text', cronHint)}
          </Field>
        ) : (
          <Field htmlFor={`${id}-every`} label={trans.__('Every')} error={errors.every}>
            <div className="jp-Kubeflow-Form-pair">
              {input('every', 'text')}
              <HTMLSelect
                aria-label={trans.__('Unit')}
                aria-disabled={model.busy || undefined}
                value={texts.unit}
                options={Object.keys(UNITS).map(value => ({
                  value,
                  label: unitLabel(value as keyof typeof UNITS, model)
                }))}
                onChange={event =>
                  set({ unit: event.currentTarget.value as IScheduleTexts['unit'] })
                }
              />
            </div>
          </Field>
        )}
        <Preview model={model} texts={texts} />
        <div className="jp-Kubeflow-Form-pair">
          <Field
            htmlFor={`${id}-start`}
            label={trans.__('Start, if not now')}
            hint={zone}
            error={errors.start}
          >
            {input('start', 'datetime-local', zone)}
          </Field>
          <Field htmlFor={`${id}-end`} label={trans.__('End, if any')} error={errors.end}>
            {input('end', 'datetime-local')}
          </Field>
        </div>
        <Field
          htmlFor={`${id}-concurrency`}
          label={trans.__('Runs at the same time, at most')}
          error={errors.concurrency}
        >
          {input('concurrency', 'text')}
        </Field>
        <label className="jp-Kubeflow-Form-check">
          <input
            type="checkbox"
            className="jp-mod-styled"
            checked={texts.catchup}
            aria-disabled={model.busy || undefined}
            onChange={event => set({ catchup: event.currentTarget.checked })}
          />
          <span>
            {trans.__('Make up for each time that was missed, not only for the last one')}
          </span>
        </label>
      </div>
    </section>
  );
}

/** The schedule in words and its next times, for as long as the fields can be read. */
function Preview(props: { model: SubmitModel<unknown>; texts: IScheduleTexts }): JSX.Element {
  const { trans } = props.model.options;
  const now = Date.now();
  const read = readSchedule(props.texts, now, trans);
  const values = read.errors ? undefined : read.values;
  const times = values
    ? nextTimes(values.schedule, { now, created: now }, NEXT).map(time =>
        new Date(time).toLocaleString(localeOf(trans), { dateStyle: 'medium', timeStyle: 'short' })
      )
    : [];
  return (
    <p className="jp-Kubeflow-Form-preview" role="status">
      {values && <strong>{scheduleWords(values.schedule, trans)}</strong>}
      {times.length > 0 && (
        <span className="jp-Kubeflow-Form-times">
          {trans.__('Next:')}
          {times.map(time => (
            <span key={time}>{time}</span>
          ))}
        </span>
      )}
      {values && times.length === 0 && (
        <span>{trans.__('It ends before the first run would start.')}</span>
      )}
    </p>
  );
}

function unitLabel(unit: keyof typeof UNITS, { options }: SubmitModel<unknown>): string {
  const { trans } = options;
  const labels: Record<keyof typeof UNITS, string> = {
    seconds: trans.__('seconds'),
    minutes: trans.__('minutes'),
    hours: trans.__('hours'),
    days: trans.__('days'),
    weeks: trans.__('weeks')
  };
  return labels[unit];
}
