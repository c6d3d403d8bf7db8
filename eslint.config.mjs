import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import boundaries from 'eslint-plugin-boundaries';
import globals from 'globals';
import tseslint from 'typescript-eslint';
console.log(Object.keys(jupyter.configs), Object.keys(jupyter.rules));
console.log(Object.keys(boundaries.configs), Object.keys(boundaries.rules));
export default [];
