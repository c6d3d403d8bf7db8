/** What a graph says, in the language of the user interface. */
export { graphWords } from '../graph/translatedWords';
