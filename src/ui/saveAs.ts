/** Lets the browser save content as a file. */
export function saveAs(content: Blob, fileName: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName.replace(/[/\\:]/g, '-');
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
