import type { Registered } from '../client/registry';
import { KeyValue } from '../ui/keyValue';
import { RelativeTime, useNow } from '../ui/text';
import type { RegistryContext } from './context';
import { isoOf } from './model/times';

/** What the registry itself knows of a model or a version: whose it is, since when, and its ids. */
export function About(props: {
  context: RegistryContext;
  object: Registered<{ externalId?: string }>;
  /** What its owner is called here, and who that is. */
  owner: { label: string; name: string | undefined };
}): JSX.Element {
  const { context, object, owner } = props;
  const { trans } = context;
  const now = useNow(60_000);
  const given = (key: string, value: string | undefined) => (value ? [{ key, value }] : []);
  const time = (key: string, text: string) => ({
    key,
    value: text,
    node: <RelativeTime iso={isoOf(text)} now={now} />
  });
  return (
    <section>
      <h2>{trans.__('About')}</h2>
      <KeyValue
        label={trans.__('About')}
        words
        rows={[
          ...given(owner.label, owner.name),
          time(trans.__('Created'), object.createTimeSinceEpoch),
          time(trans.__('Changed'), object.lastUpdateTimeSinceEpoch),
          { key: trans.__('Id'), value: object.id },
          ...given(trans.__('External id'), object.externalId)
        ]}
      />
    </section>
  );
}
