/** Why the node did not do what it was asked, in a sentence. */
import { Problem } from '../net/rest';
import { plainName } from '../picture/text';
import { say } from '../words/words';

export function whyNot(error: unknown): string {
  if (error instanceof Problem) return say('fault.refused', { why: plainName(error.message, 200) });
  if (error instanceof DOMException) return say('fault.late');
  if (error instanceof TypeError) return say('signin.unreachable');
  throw error;
}
