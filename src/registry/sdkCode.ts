/** The Python that finds a version, for a cell. Pure. */

/** @param model - its name; @param version - its name */
export function versionCode(model: string, version: string): string {
  const names = `${literal(model)}, ${literal(version)}`;
  return [
    'from jupyterlab_kubeflow import sdk',
    '',
    'registry = sdk.connect_registry()',
    `version = registry.get_model_version(${names})`,
    `artifact = registry.get_model_artifact(${names})`,
    'artifact.uri'
  ].join('\n');
}

/** A text of Python: JSON's, in which only surrogates that stand alone would differ. */
function literal(text: string): string {
  return JSON.stringify(text);
}
