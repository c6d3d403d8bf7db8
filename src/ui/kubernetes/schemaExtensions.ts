/** What a schema adds to JupyterLab's editor: completion, help on hover, and what is wrong at its line. */
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  completionKeymap,
  type CompletionResult
} from '@codemirror/autocomplete';
import { type Diagnostic, forceLinting, linter, lintGutter } from '@codemirror/lint';
import { type Extension, Prec, StateEffect } from '@codemirror/state';
import { EditorView, hoverTooltip, keymap } from '@codemirror/view';
import type { TranslationBundle } from '@jupyterlab/translation';
import { isMap, isScalar } from 'yaml';

import type { IKindSchema, Schema } from '../../client/kubernetes/openApi';
import { text } from '../../graph/wire';
import { cursorAt, keyAt } from './cursor';
import { fieldsAt, schemaAt, typeWords, valuesAt } from './schemaTree';
import { type IProblem, parse, type Path } from './yamlText';

/** A problem at its place in the text. */
export interface IPlacedProblem extends IProblem {
  from: number;
  to: number;
}

/** What the editor is given. */
export interface ISchemaOptions {
  trans: TranslationBundle;
  /** The schema, once it is there. */
  schema: () => IKindSchema | undefined;
  /** What is wrong with a text. */
  problems: (text: string) => IPlacedProblem[];
  onChange: (text: string) => void;
}

/** The extensions of an editor for one kind. */
export function schemaExtensions(options: ISchemaOptions): Extension {
  return [
    autocompletion({ override: [context => complete(context, options)], icons: false }),
    Prec.highest(keymap.of(completionKeymap)),
    linter(view => lint(view, options), {
      delay: 300,
      needsRefresh: ({ transactions }) =>
        transactions.some(({ effects }) => effects.some(effect => effect.is(refresh)))
    }),
    lintGutter(),
    hoverTooltip((view, at) => help(view, at, options)),
    EditorView.updateListener.of(update => {
      if (update.docChanged) {
        options.onChange(update.state.doc.toString());
      }
    })
  ];
}

/** Says that problems may have changed though the text has not. */
const refresh = StateEffect.define<null>();

/** Looks for problems now, as after the server has answered. */
export function lintNow(view: EditorView): void {
  view.dispatch({ effects: refresh.of(null) });
  forceLinting(view);
}

/** Goes to a place. */
export function goTo(view: EditorView, at: number): void {
  view.dispatch({
    selection: { anchor: at },
    effects: EditorView.scrollIntoView(at, { y: 'center' })
  });
  view.focus();
}

function complete(context: CompletionContext, options: ISchemaOptions): CompletionResult | null {
  const schema = options.schema();
  const document = context.state.doc.toString();
  const cursor = schema && cursorAt(document, context.pos);
  if (!schema || !cursor || (!cursor.text && !context.explicit)) {
    return null;
  }
  const { schemas } = schema;
  const taken = new Set(keysAt(document, cursor.path));
  taken.delete(cursor.text);
  const result =
    cursor.typing === 'value'
      ? valuesAt(schema, cursor.path).map((label): Completion => ({ label }))
      : fieldsAt(schema, cursor.path)
          .filter(field => !taken.has(field.name))
          .map(({ name, schema: field, required }): Completion => ({
            label: name,
            detail: required
              ? options.trans.__('%1, required', typeWords(field, schemas))
              : typeWords(field, schemas),
            info: () => description(field),
            apply: name + opening(field, cursor.indent),
            boost: required ? 10 : 0
          }));
  return result.length > 0 ? { from: cursor.from, options: result, validFor: /^[\w./-]*$/ } : null;
}

/** The keys that a map has already, as far as the text parses. */
function keysAt(document: string, path: Path): string[] {
  const map = parse(document).getIn(path);
  return isMap(map) ? map.items.map(({ key }) => String(isScalar(key) ? key.value : key)) : [];
}

/** What follows a key: the place of its value. */
function opening(schema: Schema, indent: number): string {
  const deeper = `\n${' '.repeat(indent)}`;
  switch (schema['type']) {
    case 'object':
      return `:${deeper}  `;
    case 'array':
      return `:${deeper}  - `;
    default:
      return ': ';
  }
}

function help(view: EditorView, at: number, options: ISchemaOptions) {
  const schema = options.schema();
  const key = schema && keyAt(view.state.doc.toString(), at);
  const found = key && schemaAt(schema, key.path);
  if (!schema || !key || !found) {
    return null;
  }
  return {
    pos: key.from,
    end: key.to,
    above: true,
    create: () => {
      const dom = document.createElement('div');
      dom.className = 'jp-Kubeflow-schema-help';
      const head = document.createElement('code');
      head.textContent = `${key.path.at(-1)}: ${typeWords(found, schema.schemas)}`;
      dom.append(head);
      const words = description(found);
      if (words) {
        dom.append(words);
      }
      return { dom };
    }
  };
}

/** A field's description, as the server gives it. */
function description(schema: Schema): HTMLElement | null {
  const words = text(schema['description']);
  if (!words) {
    return null;
  }
  const paragraph = document.createElement('p');
  paragraph.textContent = words;
  return paragraph;
}

function lint(view: EditorView, options: ISchemaOptions): Diagnostic[] {
  const { length } = view.state.doc;
  return options.problems(view.state.doc.toString()).map(({ from, to, message }) => ({
    from: Math.min(from, length),
    to: Math.min(Math.max(to, from), length),
    severity: 'error',
    message
  }));
}
