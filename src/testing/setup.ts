import '@testing-library/jest-dom';

// JupyterLab's shim replaces it by an incomplete one, with which a pointer cannot be played.
if (typeof document !== 'undefined') {
  delete (document as Partial<Document>).createRange;
}
